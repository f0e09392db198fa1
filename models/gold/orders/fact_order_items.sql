{{ config(materialized='view') }}

with

items as (

    select * from {{ ref('conformed_order_items') }}

)

select
    cast(system as varchar) as system,
    cast(order_id as varchar) as order_id,
    cast(line_number as bigint) as line_number,
    cast(product_id as varchar) as product_id,
    cast(status as varchar) as status,
    cast(quantity as bigint) as quantity,
    cast(unit_price_amount as decimal(18, 4)) as unit_price_amount,
    cast(line_amount as decimal(38, 4)) as line_amount,
    cast(currency_code as varchar) as currency_code,
    cast(cart_position as bigint) as cart_position,
    cast(is_reordered as boolean) as is_reordered,
    cast(days_since_prior_order as bigint) as days_since_prior_order,
    cast(event_date as date) as event_date,
    cast(ordered_at as {{ type_timestamp6() }}) as ordered_at,
    cast(processed_at as {{ type_timestamp6() }}) as processed_at
from items
where not is_test
