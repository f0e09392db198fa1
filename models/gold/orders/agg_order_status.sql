{{ config(materialized='view') }}

with

orders as (

    select * from {{ ref('fact_orders') }}

)

select
    cast(status as varchar) as status,
    cast(currency_code as varchar) as currency_code,
    cast(count(*) as bigint) as order_count,
    cast(sum(order_amount) as decimal(38, 4)) as order_amount,
    cast(min(status_at) as {{ type_timestamp6() }}) as oldest_status_at
from orders
group by status, currency_code
