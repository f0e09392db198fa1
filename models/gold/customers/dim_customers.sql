{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('conformed_customers') }}

),

orders as (

    select * from {{ ref('conformed_orders') }}

),

payments as (

    select * from {{ ref('conformed_payments') }}

),

abandoned as (

    select * from {{ ref('conformed_cart_abandonments') }}

),

named as (

    select
        system,
        customer_id
    from orders

    union

    select
        system,
        customer_id
    from payments

    union

    select
        system,
        customer_id
    from abandoned

),

-- Whoever an order, a payment or an abandoned cart names is here, also before the source of
-- customers has told of them, or where there is none.
members as (

    select
        coalesce(customers.system, named.system) as system,
        coalesce(customers.customer_id, named.customer_id) as customer_id,
        customers.customer_name,
        customers.email,
        customers.city,
        customers.country_code,
        customers.sales_employee_id,
        customers.changed_at,
        customers.customer_id is null as is_inferred
    from named
    full join customers
        on
            named.system = customers.system
            and named.customer_id = customers.customer_id

)

select
    cast(system as varchar) as system,
    cast(customer_id as varchar) as customer_id,
    cast(coalesce(customer_name, 'unknown') as varchar) as customer_name,
    cast(email as varchar) as email,
    cast(coalesce(city, 'unknown') as varchar) as city,
    cast(coalesce(country_code, 'unknown') as varchar) as country_code,
    cast(sales_employee_id as varchar) as sales_employee_id,
    cast(is_inferred as boolean) as is_inferred,
    cast(changed_at as {{ type_timestamp6() }}) as changed_at
from members
where customer_id is not null
