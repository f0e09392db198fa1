-- Customers whom an order or a payment of before yesterday names and whose source, where there is
-- one, has never told of them. These count all the same.
{{ config(severity='warn', tags=['daily']) }}

with

named as (

    select
        system,
        customer_id,
        event_date
    from {{ ref('fact_orders') }}

    union all

    select
        system,
        customer_id,
        event_date
    from {{ ref('fact_payments') }}

)

select
    customers.system,
    customers.customer_id
from {{ ref('dim_customers') }} as customers
inner join named
    on
        customers.system = named.system
        and customers.customer_id = named.customer_id
where
    customers.is_inferred
    and customers.system in (select system from {{ ref('conformed_customers') }})
    -- Not those that it has deleted.
    and not exists (
        select 1
        from {{ ref('dim_customers_history') }} as history
        where
            history.system = customers.system
            and history.customer_id = customers.customer_id
    )
group by customers.system, customers.customer_id
having min(named.event_date) < date '{{ add_minutes(run_at()[:10], -24 * 60)[:10] }}'
