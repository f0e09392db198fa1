"""Whom the business sells to, what it sells, and in which money.

Customers, and products as they are at first, are the same in every simulation, whatever its seed:
a customer's attributes follow from the number in its id, so that no list of customers is kept.
"""

from __future__ import annotations

import json
from typing import NamedTuple

DEFAULT_CURRENCY = "USD"
"""Producers leave the currency out only where it is this one."""

CUSTOMER_COUNT = 40_000


class Country(NamedTuple):
    """A market: its money, its clock and how people and places there are called."""

    code: str
    currency: str
    offset_minutes: int
    cities: tuple[str, ...]
    given_names: tuple[str, ...]
    family_names: tuple[str, ...]
    is_family_first: bool = False


_UNITED_STATES = Country(
    "US",
    "USD",
    -300,
    ("New York", "Cañon City", "San José", "Chicago", "Austin"),
    ("Emma", "Noah", "Zoë", "Liam", "Aaliyah", "Renée", "Mateo", "Grace", "Owen", "Chloé"),
    ("Smith", "O'Brien", "García", "Johnson", "Nguyễn", "Brown", "Peña", "Davis", "Müller"),
)
_GERMANY = Country(
    "DE",
    "EUR",
    60,
    ("Köln", "München", "Berlin", "Düsseldorf", "Nürnberg"),
    ("Jürgen", "Käthe", "Björn", "Sören", "Anna", "Lukas", "Jörg", "Mia", "Günter", "Ayşe"),
    ("Weiß", "Schröder", "Müller", "Köhler", "Şahin", "Böhm", "Fischer", "Jäger", "Groß"),
)
_FRANCE = Country(
    "FR",
    "EUR",
    60,
    ("Orléans", "Besançon", "Paris", "Nîmes", "Saint-Étienne"),
    ("Hélène", "François", "Zoé", "Jérôme", "Anaïs", "Loïc", "Noël", "Camille", "Gaëlle"),
    ("Lefèvre", "Bœuf", "Moreau", "Gauthier", "Besnard", "Lemaître", "Noël", "D'Alembert"),
)
_BRITAIN = Country(
    "GB",
    "GBP",
    0,
    ("London", "Leeds", "Cardiff", "Belfast", "Ynys Môn"),
    ("Olivia", "Siân", "George", "Niamh", "Harry", "Seán", "Amelia", "Zoë", "Muhammad"),
    ("Taylor", "O'Neill", "Brontë", "Khan", "Evans", "Ó Súilleabháin", "Wright", "Patel"),
)
_POLAND = Country(
    "PL",
    "PLN",
    60,
    ("Łódź", "Kraków", "Gdańsk", "Wrocław", "Poznań"),
    ("Łukasz", "Małgorzata", "Żaneta", "Paweł", "Zofia", "Ewa", "Jan", "Grażyna", "Michał"),
    ("Wójcik", "Dąbrowska", "Zieliński", "Woźniak", "Kozłowska", "Źrebiec", "Nowak", "Pająk"),
)
_JAPAN = Country(
    "JP",
    "JPY",
    540,
    ("東京", "大阪", "札幌", "福岡", "京都"),
    ("花子", "太郎", "さくら", "翔太", "美咲", "健一", "ゆい", "蓮", "直樹"),
    ("佐藤", "鈴木", "髙橋", "田中", "渡邉", "伊藤", "山本", "中村"),
    is_family_first=True,
)
_BRAZIL = Country(
    "BR",
    "BRL",
    -180,
    ("São Paulo", "Brasília", "Florianópolis", "Belém", "Goiânia"),
    ("João", "Conceição", "Antônio", "Luísa", "José", "Thaís", "Caíque", "Inês", "Otávio"),
    ("Gonçalves", "Araújo", "Conceição", "Assunção", "Magalhães", "Simões", "Souza", "Leão"),
)
_INDIA = Country(
    "IN",
    "INR",
    330,
    ("मुंबई", "दिल्ली", "बेंगलुरु", "चेन्नई", "कोलकाता"),
    ("आरव", "दीया", "Ananya", "விஜய்", "रोहन", "Priya", "লতা", "Arjun", "मीरा"),
    ("शर्मा", "Patel", "सिंह", "Iyer", "চ্যাটার্জী", "Reddy", "गुप्ता", "Nair"),
)
# How many customers in a hundred live there.
_MARKETS = (
    (_UNITED_STATES, 34),
    (_GERMANY, 16),
    (_FRANCE, 11),
    (_BRITAIN, 12),
    (_POLAND, 7),
    (_JAPAN, 8),
    (_BRAZIL, 7),
    (_INDIA, 5),
)
_COUNTRY_BY_REMAINDER = tuple(country for country, share in _MARKETS for _ in range(share))

COUNTRIES = tuple(country for country, _ in _MARKETS)


def country_of(customer: int) -> Country:
    """Where customer number `customer` lives."""
    return _COUNTRY_BY_REMAINDER[customer % 100]


def name_and_city_of(customer: int) -> tuple[str, str]:
    """The customer's full name and city, neither of which needs escaping in JSON."""
    country = country_of(customer)
    rank = customer // 100
    rest, given = divmod(rank, len(country.given_names))
    given_name = country.given_names[given]
    family_name = country.family_names[rest % len(country.family_names)]
    city = country.cities[rank * 3 % len(country.cities)]
    if country.is_family_first:
        return f"{family_name} {given_name}", city
    return f"{given_name} {family_name}", city


_KINDS = (
    ("T-shirt", 1499, "clothing"),
    ("Café mug", 1250, "kitchen"),
    ('Monitor 27"', 21999, "electronics"),
    ("Notebook A5", 599, "stationery"),
    ("Trail shoes", 8995, "clothing"),
    ("Crème brûlée set", 3450, "kitchen"),
    ("Desk lamp", 4275, "home"),
    ("USB-C cable", 999, "electronics"),
    ("Jalapeño sauce", 649, "food"),
    ("Backpack 20 l", 5980, "outdoor"),
    ("Wool scarf", 2790, "clothing"),
    ("抹茶 tin", 1835, "food"),
    ("Chair «Älmhult»", 12900, "home"),
    ("Headphones", 15949, "electronics"),
    ("Socks ½ price", 1195, "clothing"),
    ("Rain jacket", 7450, "outdoor"),
    ("Kettle 1.7 l", 3799, "kitchen"),
    ("Puzzle 1000 pcs", 2205, "games"),
    ("Yoga mat", 2645, "outdoor"),
    ("Phone case", 1899, "electronics"),
)
_VARIANTS = (
    "Basic",
    "Natural",
    "Blue",
    "Rosé",
    "XL",
    "Mini",
    "Pro\\Max",
    "Eco",
    "Noir",
    "№ 5",
    "Ångström",
    "Limited ☕",
)
# Hundredths of a unit for a US dollar. Whole yen only, though written with two decimals.
_RATES = {"USD": 100, "EUR": 92, "GBP": 79, "PLN": 402, "JPY": 15_000, "BRL": 510, "INR": 8_300}


class Product(NamedTuple):
    """A product as it is sold for one currency."""

    price_cents: int
    json_head: str
    """An order's line up to its quantity, as JSON text."""


PRODUCT_COUNT = len(_KINDS) * len(_VARIANTS)


def name_of(number: int) -> str:
    """What product number `number` is called."""
    variant, kind = divmod(number, len(_KINDS))
    return f"{_KINDS[kind][0]} {_VARIANTS[variant]}"


def category_of(number: int) -> str:
    """Where product number `number` stands at first."""
    return _KINDS[number % len(_KINDS)][2]


def product(number: int, currency: str, percent: int = 100) -> Product:
    """Product number `number` at so many percent of its first price."""
    variant, kind = divmod(number, len(_KINDS))
    base = _KINDS[kind][1] * (100 + 9 * variant) * percent // 100
    cents = base * _RATES[currency] // 10_000
    if currency == "JPY":
        cents -= cents % 100
    text = json.dumps(name_of(number), ensure_ascii=False)
    return Product(
        cents,
        f'{{"product_id":"{product_id_of(number)}","product_name":{text},'
        f'"unit_price":{money(cents)},"quantity":',
    )


def product_id_of(number: int) -> str:
    """The id of product number `number`."""
    return f"p{number:04d}"


def money(cents: int) -> str:
    """Hundredths as a JSON number with two decimals."""
    units, hundredths = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{units}.{hundredths:02d}"


PRODUCTS = {
    currency: tuple(product(number, currency) for number in range(PRODUCT_COUNT))
    for currency in _RATES
}
"""By currency, each product at its number's place, at its first price."""
