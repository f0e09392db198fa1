{{ config(materialized='view') }}

with

orders as (

    select * from {{ ref('orders') }}

),

items as (

    select
        orders.*,
        lines.line_number,
        lines.item
    from orders
    cross join unnest(
        {{ json_items('orders.items', ['$.product_id', '$.quantity', '$.unit_price']) }}
    ) with ordinality as lines (item, line_number)
    where not orders.is_test

),

typed as (

    select
        *,
        {{ json_text('item[2]') }} as product_id,
        {{ json_integer('item[3]') }} as quantity,
        {{ json_decimal('item[4]') }} as unit_price_amount
    from items

)

select
    cast(system as varchar) as system,
    cast(order_id as varchar) as order_id,
    cast(line_number as bigint) as line_number,
    cast(product_id as varchar) as product_id,
    cast(status as varchar) as status,
    cast(quantity as bigint) as quantity,
    cast(unit_price_amount as decimal(18, 4)) as unit_price_amount,
    -- Of more than 18 digits, as DuckDB multiplies smaller ones in 18.
    cast(cast(quantity as decimal(20, 0)) * unit_price_amount as decimal(38, 4)) as line_amount,
    cast(currency_code as varchar) as currency_code,
    cast(event_date as date) as event_date,
    cast(ordered_at as {{ type_timestamp6() }}) as ordered_at,
    cast(processed_at as {{ type_timestamp6() }}) as processed_at
from typed
