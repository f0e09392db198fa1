{{ config(materialized='view') }}

with

orders as (

    select * from {{ ref('conformed_orders') }}

)

select
    cast(system as varchar) as system,
    cast(order_id as varchar) as order_id,
    cast(source as varchar) as source,
    cast(customer_id as varchar) as customer_id,
    cast(status as varchar) as status,
    cast(source_status as varchar) as source_status,
    cast(order_amount as decimal(18, 4)) as order_amount,
    cast(currency_code as varchar) as currency_code,
    cast(channel as varchar) as channel,
    cast(city as varchar) as city,
    cast(event_date as date) as event_date,
    cast(ordered_at as {{ type_timestamp6() }}) as ordered_at,
    cast(shipped_at as {{ type_timestamp6() }}) as shipped_at,
    cast(delivered_at as {{ type_timestamp6() }}) as delivered_at,
    cast(cancelled_at as {{ type_timestamp6() }}) as cancelled_at,
    cast(status_at as {{ type_timestamp6() }}) as status_at,
    cast(processed_at as {{ type_timestamp6() }}) as processed_at
from orders
where not is_test
