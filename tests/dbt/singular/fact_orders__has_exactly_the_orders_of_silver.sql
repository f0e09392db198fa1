-- Neither an order of silver that gold lacks, nor one that gold did not forget. A test order is in
-- no mart.
{{ config(tags=['daily']) }}

with

orders as (

    select
        system,
        order_id
    from {{ ref('orders') }}
    where not is_test

)

select
    orders.order_id as silver_order_id,
    fact_orders.order_id as gold_order_id
from orders
full outer join {{ ref('fact_orders') }} as fact_orders
    on
        orders.system = fact_orders.system
        and orders.order_id = fact_orders.order_id
where
    orders.order_id is null
    or fact_orders.order_id is null
