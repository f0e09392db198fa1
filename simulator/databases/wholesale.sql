-- The tables of the simulated wholesaler, on MySQL or MariaDB. A puller reads by updated_at.
create table offices (
    office_code varchar(10) primary key,
    city varchar(50) not null,
    country varchar(50) not null,
    phone varchar(50) not null,
    territory varchar(10) not null,
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
    index (updated_at)
) character set utf8mb4;

create table employees (
    employee_number int primary key,
    first_name varchar(50) not null,
    last_name varchar(50) not null,
    email varchar(100) not null,
    job_title varchar(50) not null,
    office_code varchar(10) not null references offices (office_code),
    reports_to int references employees (employee_number),
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
    index (updated_at)
) character set utf8mb4;

create table customers (
    customer_number int primary key,
    customer_name varchar(80) not null,
    contact_name varchar(80) not null,
    phone varchar(50) not null,
    city varchar(50) not null,
    country varchar(50) not null,
    sales_employee_number int references employees (employee_number),
    credit_limit decimal(10, 2),
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
    index (updated_at)
) character set utf8mb4;

create table product_lines (
    product_line varchar(50) primary key,
    description text,
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
    index (updated_at)
) character set utf8mb4;

create table products (
    product_code varchar(15) primary key,
    product_name varchar(80) not null,
    product_line varchar(50) not null references product_lines (product_line),
    quantity_in_stock int not null,
    buy_price decimal(10, 2) not null,
    list_price decimal(10, 2) not null,
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
    index (updated_at)
) character set utf8mb4;

create table orders (
    order_number int primary key,
    order_date date not null,
    required_date date not null,
    shipped_date date,
    status varchar(15) not null,
    comments text,
    customer_number int not null references customers (customer_number),
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
    index (updated_at)
) character set utf8mb4;

create table order_details (
    order_number int not null references orders (order_number),
    product_code varchar(15) not null references products (product_code),
    order_line_number smallint not null,
    quantity_ordered int not null,
    price_each decimal(10, 2) not null,
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
    primary key (order_number, product_code),
    index (updated_at)
) character set utf8mb4;

create table payments (
    customer_number int not null references customers (customer_number),
    check_number varchar(50) not null,
    payment_date date not null,
    amount decimal(10, 2) not null,
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
    primary key (customer_number, check_number),
    index (updated_at)
) character set utf8mb4;
