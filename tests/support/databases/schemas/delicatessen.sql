-- An importer's database, as it was moved to PostgreSQL from an office program of the nineties:
-- no column says when a row was changed, money is a float, keys are short texts and small numbers.
create table categories (
    category_id smallint primary key,
    category_name varchar(15) not null,
    picture bytea
);
create table customers (
    customer_id char(5) primary key,
    company_name varchar(40) not null,
    city varchar(15),
    country varchar(15)
);
create table employees (
    employee_id smallint primary key,
    last_name varchar(20) not null,
    birth_date date,
    notes text,
    reports_to smallint references employees
);
create table territories (
    territory_id varchar(20) primary key,
    territory_description char(60) not null
);
create table employee_territories (
    employee_id smallint not null references employees,
    territory_id varchar(20) not null references territories,
    primary key (employee_id, territory_id)
);
create table products (
    product_id smallint primary key,
    product_name varchar(40) not null,
    category_id smallint references categories,
    unit_price real,
    units_in_stock smallint,
    discontinued integer not null
);
create table orders (
    order_id smallint primary key,
    customer_id char(5) references customers,
    employee_id smallint references employees,
    order_date date,
    shipped_date date,
    freight real
);
create table order_details (
    order_id smallint not null references orders,
    product_id smallint not null references products,
    unit_price real not null,
    quantity smallint not null,
    discount real not null,
    primary key (order_id, product_id)
);

insert into categories values (1, 'Käse', '\x00ff0a'), (2, 'Süßwaren', null), (3, 'Getränke', '\x');
insert into customers values
    ('ALFKI', 'Alfreds Futterkiste', 'Berlin', 'Germany'),
    ('BO', 'Bólido Comidas', 'Madrid', 'Spain'),
    ('ÅKEÅÄ', 'Åkes', null, 'Sweden');
insert into employees values
    (1, 'Fuller', '1952-02-19', E'Line\nbreaks, "quotes"\tand \\ signs', null),
    (2, 'Peacock', null, null, 1);
insert into territories values ('01581', 'Westboro'), ('1', 'Møn');
insert into employee_territories values (1, '01581'), (1, '1'), (2, '1');
insert into products
    select n, 'Product ' || n, 1 + n % 3, (n * 1.1)::real, n % 50, n % 2 from generate_series(1, 77) as n;
insert into orders
    select
        n,
        (array['ALFKI', 'BO', 'ÅKEÅÄ', null])[1 + n % 4],
        1 + n % 2,
        date '1996-07-04' + n,
        case when n % 3 > 0 then date '1996-07-10' + n end,
        (n * 0.37)::real
    from generate_series(1, 400) as n;
insert into order_details
    select o, p, (p * 1.1)::real, o % 120, (o % 4 * 0.05)::real
    from generate_series(1, 400) as o, generate_series(1 + o % 7, 77, 31) as p;
