-- Customers whom an order of before yesterday names and whose source, where there is one, has never
-- told of them. Their orders count all the same.
{{ config(severity='warn', tags=['daily']) }}

select
    customers.system,
    customers.customer_id
from {{ ref('dim_customers') }} as customers
inner join {{ ref('fact_orders') }} as orders
    on
        customers.system = orders.system
        and customers.customer_id = orders.customer_id
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
having min(orders.ordered_at) < {{ dbt.dateadd('day', -1, "timestamp '" ~ run_at() ~ "'") }}
