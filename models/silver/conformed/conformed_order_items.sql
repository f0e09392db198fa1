{{ config(materialized='view') }}

with

told_orders as (

    select * from {{ ref('orders') }}

),

-- Of the databases' orders alone: an order that events told of has its items with it.
orders as (

    select * from {{ ref('conformed_orders') }}
    where origin <> 'events'

),

webshop_sales as (

    select * from {{ ref('webshop_fact_sales') }}

),

wholesale_lines as (

    select * from {{ ref('wholesale_order_details') }}

),

told_items as (

    select
        told_orders.*,
        lines.line_number,
        lines.item
    from told_orders
    cross join unnest(
        {{ json_items('told_orders.items', ['$.product_id', '$.quantity', '$.unit_price']) }}
    ) with ordinality as lines (item, line_number)

),

of_events as (

    select
        *,
        {{ json_text('item[2]') }} as product_id,
        {{ json_integer('item[3]') }} as quantity,
        {{ json_decimal('item[4]') }} as unit_price_amount
    from told_items

),

of_databases as (

    -- A sale is of one product, and says what all of it costs.
    select
        'webshop' as origin,
        system,
        id as order_id,
        1 as line_number,
        cast(product_id as varchar) as product_id,
        quantity,
        {{ divide_amount('cast(amount as decimal(18, 4))', 'quantity') }} as unit_price_amount,
        cast(amount as decimal(38, 4)) as line_amount,
        currency as currency_code,
        changed_at,
        processed_at
    from webshop_sales

    union all

    select
        'wholesale' as origin,
        system,
        order_number as order_id,
        order_line_number as line_number,
        product_code as product_id,
        quantity_ordered as quantity,
        cast(price_each as decimal(18, 4)) as unit_price_amount,
        cast(quantity_ordered as decimal(20, 0)) * cast(price_each as decimal(18, 4))
            as line_amount,
        '{{ default_currency_code() }}' as currency_code,
        changed_at,
        processed_at
    from wholesale_lines

),

of_all_sources as (

    select
        'events' as origin,
        system,
        order_id,
        line_number,
        product_id,
        status,
        quantity,
        unit_price_amount,
        -- Of more than 18 digits, as DuckDB multiplies smaller ones in 18.
        cast(cast(quantity as decimal(20, 0)) * unit_price_amount as decimal(38, 4))
            as line_amount,
        currency_code,
        is_test,
        event_date,
        ordered_at,
        processed_at
    from of_events

    union all

    -- A line is kept also where its order has not come yet.
    select
        items.origin,
        items.system,
        items.order_id,
        items.line_number,
        items.product_id,
        coalesce(orders.status, 'UNKNOWN') as status,
        items.quantity,
        items.unit_price_amount,
        items.line_amount,
        items.currency_code,
        false as is_test,
        coalesce(orders.event_date, cast(items.changed_at as date)) as event_date,
        coalesce(orders.ordered_at, items.changed_at) as ordered_at,
        items.processed_at
    from of_databases as items
    left join orders
        on
            items.origin = orders.origin
            and items.system = orders.system
            and items.order_id = orders.order_id

),

conformed as (

    {{- by_authority(
        'order_items', 'of_all_sources', ['system', 'order_id'], ['events', 'webshop', 'wholesale']
    ) }}

)

select
    cast(system as varchar) as system,
    cast(order_id as varchar) as order_id,
    cast(line_number as bigint) as line_number,
    cast(origin as varchar) as origin,
    cast(product_id as varchar) as product_id,
    cast(status as varchar) as status,
    cast(quantity as bigint) as quantity,
    cast(unit_price_amount as decimal(18, 4)) as unit_price_amount,
    cast(line_amount as decimal(38, 4)) as line_amount,
    cast(currency_code as varchar) as currency_code,
    cast(is_test as boolean) as is_test,
    cast(event_date as date) as event_date,
    cast(ordered_at as {{ type_timestamp6() }}) as ordered_at,
    cast(processed_at as {{ type_timestamp6() }}) as processed_at
from conformed
