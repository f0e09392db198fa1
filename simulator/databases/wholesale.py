"""A wholesaler: what is in its eight tables at first, and what happens next.

Pure, and the same for the same seed. The tables are in wholesale.sql. It sells by orders of several
lines, on account, and its amounts are all of one currency.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from simulator import catalog
from simulator.databases.rows import RowChange

_TERRITORIES: Final = {"JP": "Japan", "IN": "APAC", "US": "NA", "BR": "LATAM"}
_EMPLOYEES_AN_OFFICE: Final = 4
_FIRST_EMPLOYEE: Final = 1002
_FIRST_CUSTOMER: Final = 103
_FIRST_ORDER: Final = 10_100
# Shares of what happens. Otherwise an order that is open goes on, or else there is a new one.
_ORDERS: Final = 0.30
_PAYMENTS: Final = 0.10
_PRICES: Final = 0.04
_LIMITS: Final = 0.03
_MOVES: Final = 0.02
_LINES_LEFT_OUT: Final = 0.01
# What an order's status becomes, and with what share of those that have it.
_NEXT: Final = {
    "In Process": (("Shipped", 0.86), ("On Hold", 0.08), ("Cancelled", 0.06)),
    "On Hold": (("In Process", 0.8), ("Cancelled", 0.2)),
    "Shipped": (("Disputed", 0.05), ("", 0.95)),
    "Disputed": (("Resolved", 1.0),),
}
_LINES: Final = (1, 2, 2, 3, 3, 4, 6)
_OLDEST: Final = 50


@dataclass(slots=True)
class Wholesale:
    """What the wholesaler knows of itself.

    Attributes:
        random: What decides.
        today: The day of what happens.
        prices: Each product's list price, by its code.
        customers: The numbers of the customers.
        employees: The numbers of the employees.
        open: Orders whose status may change, and their status, oldest first.
        lines: Of orders that are in process, the products of their lines.
        next_order: The number of the next order.
        next_check: The number of the next payment.
    """

    random: Random
    today: date
    prices: dict[str, Decimal] = field(default_factory=dict)
    customers: list[int] = field(default_factory=list)
    employees: list[int] = field(default_factory=list)
    open: dict[int, str] = field(default_factory=dict)
    lines: dict[int, list[str]] = field(default_factory=dict)
    next_order: int = _FIRST_ORDER
    next_check: int = 1
    _due: deque[RowChange] = field(default_factory=deque)

    def opening(self, customers: int, orders: int) -> Iterator[RowChange]:
        """Yield the rows that are there at first, as inserts, each behind those that it names.

        Args:
            customers: How many buy here.
            orders: How many they have placed, until the day before `today`.
        """
        yield from self._offices()
        yield from self._employees()
        yield from self._products()
        yield from (self._new_customer(number) for number in range(customers))
        until = self.today
        placed: list[RowChange] = []
        for number in range(orders):
            self.today = until - timedelta(days=1 + (orders - number) * 30 // orders)
            placed += [self._new_order(), *self._rest()]
        self.today = until
        # Table by table, so that they are inserted at once.
        yield from (row for row in placed if row.table == "orders")
        yield from (row for row in placed if row.table == "order_details")
        for _ in range(orders // 3):
            yield self._payment()

    def next_change(self) -> RowChange:
        """Return what happens next, and remember it."""
        if self._due:
            return self._due.popleft()
        fate = self.random.random()
        for share, happens in (
            (_ORDERS, self._new_order),
            (_PAYMENTS, self._payment),
            (_PRICES, self._price),
            (_LIMITS, self._limit),
            (_MOVES, self._move),
            (_LINES_LEFT_OUT, self._leave_line_out),
        ):
            if fate < share:
                return happens()
            fate -= share
        return self._go_on() if self.open else self._new_order()

    def _rest(self) -> list[RowChange]:
        rest = list(self._due)
        self._due.clear()
        return rest

    def _offices(self) -> Iterator[RowChange]:
        for number, country in enumerate(catalog.COUNTRIES, start=1):
            values = {
                "city": country.cities[0],
                "country": country.code,
                "phone": f"+{number} 555 0100",
                "territory": _TERRITORIES.get(country.code, "EMEA"),
            }
            yield RowChange("insert", "offices", {"office_code": str(number)}, values)

    def _employees(self) -> Iterator[RowChange]:
        for office, country in enumerate(catalog.COUNTRIES, start=1):
            for place in range(_EMPLOYEES_AN_OFFICE):
                number = _FIRST_EMPLOYEE + len(self.employees)
                chief = None if not self.employees else number - place
                if place == 0 and self.employees:
                    chief = _FIRST_EMPLOYEE
                self.employees.append(number)
                values = {
                    "first_name": country.given_names[place],
                    "last_name": country.family_names[place],
                    "email": f"employee{number}@example.com",
                    "job_title": "Sales Rep" if place else "Sales Manager",
                    "office_code": str(office),
                    "reports_to": chief,
                }
                yield RowChange("insert", "employees", {"employee_number": number}, values)

    def _products(self) -> Iterator[RowChange]:
        lines = sorted({catalog.category_of(number) for number in range(catalog.PRODUCT_COUNT)})
        for line in lines:
            about = {"description": f"All of {line} that we sell."}
            yield RowChange("insert", "product_lines", {"product_line": line}, about)
        for number in range(catalog.PRODUCT_COUNT):
            code = f"S{number // 20 + 10}_{1000 + number}"
            cents = catalog.product(number, catalog.DEFAULT_CURRENCY).price_cents
            self.prices[code] = Decimal(cents) / 100
            values = {
                "product_name": catalog.name_of(number),
                "product_line": catalog.category_of(number),
                "quantity_in_stock": self.random.randrange(10_000),
                "buy_price": (self.prices[code] * 3 / 5).quantize(Decimal("0.01")),
                "list_price": self.prices[code],
            }
            yield RowChange("insert", "products", {"product_code": code}, values)

    def _new_customer(self, number: int) -> RowChange:
        customer = _FIRST_CUSTOMER + number
        self.customers.append(customer)
        name, city = catalog.name_and_city_of(number)
        values = {
            "customer_name": f"{name} & Co.",
            "contact_name": name,
            "phone": f"+1 555 {number:04d}",
            "city": city,
            "country": catalog.country_of(number).code,
            "sales_employee_number": self.random.choice([None, *self.employees]),
            "credit_limit": Decimal(self.random.randrange(0, 150_000, 100)),
        }
        return RowChange("insert", "customers", {"customer_number": customer}, values)

    def _new_order(self) -> RowChange:
        """An order; its lines follow."""
        order = self.next_order
        self.next_order += 1
        self.open[order] = "In Process"
        codes = self.random.sample(list(self.prices), self.random.choice(_LINES))
        self.lines[order] = codes
        for number, code in enumerate(codes, start=1):
            percent = self.random.randint(80, 100)
            values = {
                "order_line_number": number,
                "quantity_ordered": self.random.randint(5, 60),
                "price_each": (self.prices[code] * percent / 100).quantize(Decimal("0.01")),
            }
            key = {"order_number": order, "product_code": code}
            self._due.append(RowChange("insert", "order_details", key, values))
        values = {
            "order_date": self.today,
            "required_date": self.today + timedelta(days=self.random.randint(5, 12)),
            "status": "In Process",
            "comments": self.random.choice([None, "Ring before delivery.", 'He said: "soon"']),
            "customer_number": self.random.choice(self.customers),
        }
        return RowChange("insert", "orders", {"order_number": order}, values)

    def _payment(self) -> RowChange:
        key = {
            "customer_number": self.random.choice(self.customers),
            "check_number": f"CH{self.next_check:06d}",
        }
        self.next_check += 1
        amount = Decimal(self.random.randrange(100_00, 50_000_00)) / 100
        return RowChange("insert", "payments", key, {"payment_date": self.today, "amount": amount})

    def _price(self) -> RowChange:
        code = self.random.choice(list(self.prices))
        percent = 100 + self.random.randint(-5, 8)
        self.prices[code] = (self.prices[code] * percent / 100).quantize(Decimal("0.01"))
        values = {"list_price": self.prices[code]}
        return RowChange("update", "products", {"product_code": code}, values)

    def _limit(self) -> RowChange:
        customer = self.random.choice(self.customers)
        limit = self.random.choice([None, Decimal(self.random.randrange(0, 150_000, 100))])
        return RowChange(
            "update", "customers", {"customer_number": customer}, {"credit_limit": limit}
        )

    def _move(self) -> RowChange:
        employee = self.random.choice(self.employees)
        office = str(self.random.randint(1, len(catalog.COUNTRIES)))
        return RowChange(
            "update", "employees", {"employee_number": employee}, {"office_code": office}
        )

    def _leave_line_out(self) -> RowChange:
        """A line of an order that is in process is deleted, unless it is the only one."""
        several = [order for order, codes in self.lines.items() if len(codes) > 1]
        if not several:
            return self._new_order()
        order = self.random.choice(several[:_OLDEST])
        code = self.lines[order].pop()
        return RowChange("delete", "order_details", {"order_number": order, "product_code": code})

    def _go_on(self) -> RowChange:
        order = self.random.choice(list(self.open)[:_OLDEST])
        fates = _NEXT[self.open[order]]
        [status] = self.random.choices([fate for fate, _ in fates], [share for _, share in fates])
        values: dict[str, object] = {"status": status}
        if not status:
            # All is well with it: it stays as it is, and nothing happens to it any more.
            del self.open[order]
            return self._new_order()
        if status == "Shipped":
            values["shipped_date"] = self.today
        if status in _NEXT:
            self.open[order] = status
        else:
            del self.open[order]
        if status != "In Process":
            self.lines.pop(order, None)
        return RowChange("update", "orders", {"order_number": order}, values)


def resumed(seed: int, today: date, query: Any) -> Wholesale:
    """Return the wholesaler as its tables say that it is. Of a shipped order more may be told.

    Args:
        seed: What decides what happens next, with what has happened.
        today: The day of what happens next.
        query: Returns the rows of a query.
    """
    [(last,)] = query("select coalesce(max(order_number), 0) from orders")
    [(checks,)] = query("select count(*) from payments")
    lines: dict[int, list[str]] = {}
    for order, code in query(
        "select order_number, product_code from order_details join orders using (order_number) "
        "where status = 'In Process' order by order_number, order_line_number"
    ):
        lines.setdefault(order, []).append(code)
    return Wholesale(
        Random(f"wholesale {seed} {last} {checks}"),  # noqa: S311 (no secret)
        today,
        prices=dict(query("select product_code, list_price from products order by product_code")),
        customers=[
            number
            for (number,) in query("select customer_number from customers order by customer_number")
        ],
        employees=[
            number
            for (number,) in query("select employee_number from employees order by employee_number")
        ],
        open=dict(
            query(
                "select order_number, status from orders "
                "where status in ('In Process', 'On Hold', 'Shipped', 'Disputed') "
                "order by order_number"
            )
        ),
        lines=lines,
        next_order=max(last + 1, _FIRST_ORDER),
        next_check=checks + 1,
    )
