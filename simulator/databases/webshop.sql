-- The tables of the simulated web shop, on PostgreSQL. A puller reads by updated_at, so it is indexed.
create table dim_users (
    id bigint primary key,
    name text not null,
    email text not null,
    city text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index on dim_users (updated_at);

create table dim_products (
    id bigint primary key,
    name text not null,
    category text not null,
    price numeric(12, 2) not null,
    currency text not null,
    updated_at timestamptz not null default now()
);
create index on dim_products (updated_at);

create table fact_sales (
    id bigint primary key,
    user_id bigint not null references dim_users,
    product_id bigint not null references dim_products,
    quantity integer not null,
    amount numeric(14, 2) not null,
    currency text not null,
    status text not null default 'PENDING',
    sold_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index on fact_sales (updated_at);
create index on fact_sales (user_id);
create index on fact_sales (product_id);
