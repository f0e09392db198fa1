-- A video rental's database, as its own people have made it, in PostgreSQL: composite keys, a
-- partitioned table, an enum, a domain, arrays, a text search, another schema, names in German.
create type rating as enum ('G', 'PG', 'PG-13', 'R', 'über 18');
create domain release_year as integer check (value between 1901 and 2155);

create table language (
    language_id serial primary key,
    name char(20) not null
);
create table actor (
    actor_id serial primary key,
    first_name varchar(45) not null,
    last_name varchar(45) not null,
    last_update timestamp not null default now()
);
create index on actor (last_update);
create table film (
    film_id serial primary key,
    title text not null,
    description text,
    release_year release_year,
    language_id integer not null references language,
    rental_rate numeric(4, 2) not null default 4.99,
    length smallint,
    replacement_cost money not null default '19.99',
    rating rating default 'G',
    special_features text[],
    fulltext tsvector not null,
    last_update timestamptz not null default now()
);
create index on film (last_update);
create table film_actor (
    actor_id integer not null references actor,
    film_id integer not null references film,
    primary key (actor_id, film_id)
);
create table payment (
    payment_id bigint generated always as identity,
    amount numeric(5, 2) not null,
    paid_at timestamptz not null,
    primary key (paid_at, payment_id)
) partition by range (paid_at);
create table payment_2026_01 partition of payment for values from ('2026-01-01') to ('2026-02-01');
create table payment_2026_02 partition of payment for values from ('2026-02-01') to ('2026-03-01');
create table payment_others partition of payment default;

create schema verleih;
create table verleih."Kündigungen" (
    "Kunde" uuid not null,
    "Straße & Nr." text not null,
    "gekündigt zum" date not null,
    "order" jsonb,
    "2. Mahnung" boolean not null default false,
    primary key ("Kunde", "gekündigt zum")
);

insert into language (name) values ('Deutsch'), ('日本語');
insert into actor (first_name, last_name)
    select 'Zoë ' || n, E'O''Neill\t"' || n || '"' from generate_series(1, 40) as n;
insert into film (title, description, release_year, language_id, length, rating, special_features, fulltext)
    select
        'Film № ' || n,
        nullif(repeat('x', n % 3), ''),
        1900 + n,
        1 + n % 2,
        nullif(n % 7, 0) * 20,
        (enum_range(null::rating))[1 + n % 5],
        case when n % 4 > 0 then array['Trailers', 'Deleted "Scenes"', null] end,
        to_tsvector('simple', 'film number ' || n)
    from generate_series(1, 120) as n;
insert into film_actor select a, f from generate_series(1, 40) as a, generate_series(a, 120, 40) as f;
insert into payment (amount, paid_at)
    select n / 10.0, timestamptz '2025-12-20 00:00+00' + n * interval '7 hours' from generate_series(1, 300) as n;
insert into verleih."Kündigungen"
    select
        ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid,
        'Große Straße ' || n,
        date '2026-01-01' + n,
        jsonb_build_object('gründe', n),
        n % 2 = 0
    from generate_series(1, 20) as n;
