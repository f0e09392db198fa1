{{ config(materialized='view') }}

{%- set origins = ['events', 'webshop', 'wholesale', 'grocery_order_items'] %}
{#- Where two sources have one order, its lines may come from one and the order from the other. #}
{%- set of_order = 'coalesce(orders.{0}, conformed.{0})' if share_a_system(origins)
    else 'conformed.{0}' %}

with

told_orders as (

    select * from {{ ref('orders') }}

),

orders as (

    select * from {{ ref('conformed_orders') }}
    {%- if not share_a_system(origins) %}
    -- An order that events told of has its items with it.
    where origin <> 'events'
    {%- endif %}

),

webshop_sales as (

    select * from {{ rows_of('webshop_fact_sales') }}

),

wholesale_lines as (

    select * from {{ rows_of('wholesale_order_details') }}

),

grocery_items as (

    select * from {{ rows_of('grocery_order_items') }}

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

of_rows as (

    -- A sale is of one product, and says what all of it costs.
    select
        'webshop' as origin,
        system,
        id as order_id,
        1 as line_number,
        cast(product_id as varchar) as product_id,
        quantity,
        case when amount < 0 and quantity > 0 or amount > 0 and quantity < 0 then -1 else 1 end
        * {{ divide_amount('abs(try_cast(amount as decimal(18, 4)))', 'abs(quantity)') }}
            as unit_price_amount,
        cast(amount as decimal(38, 4)) as line_amount,
        currency as currency_code,
        cast(null as bigint) as cart_position,
        cast(null as boolean) as is_reordered,
        cast(null as bigint) as days_since_prior_order,
        changed_at as line_at,
        {{ business_date('changed_at') }} as line_date,
        processed_at
    from webshop_sales

    union all

    select
        'wholesale' as origin,
        system,
        order_number as order_id,
        -- What the wholesaler calls the line's number is no key there.
        row_number() over (
            partition by system, order_number order by order_line_number, product_code
        ) as line_number,
        product_code as product_id,
        quantity_ordered as quantity,
        try_cast(price_each as decimal(18, 4)) as unit_price_amount,
        cast(quantity_ordered as decimal(20, 0)) * try_cast(price_each as decimal(18, 4))
            as line_amount,
        '{{ default_currency_code() }}' as currency_code,
        cast(null as bigint) as cart_position,
        cast(null as boolean) as is_reordered,
        cast(null as bigint) as days_since_prior_order,
        changed_at as line_at,
        {{ business_date('changed_at') }} as line_date,
        processed_at
    from wholesale_lines

    union all

    -- The grocery's lines are of one each, and say nothing of prices.
    select
        'grocery_order_items' as origin,
        system,
        order_id,
        row_number() over (
            partition by system, order_id order by add_to_cart_order, id
        ) as line_number,
        product_id,
        1 as quantity,
        cast(null as decimal(18, 4)) as unit_price_amount,
        cast(null as decimal(38, 4)) as line_amount,
        currency_code,
        add_to_cart_order as cart_position,
        reordered as is_reordered,
        days_since_prior_order,
        coalesce(order_timestamp, changed_at) as line_at,
        coalesce(order_date, {{ business_date('coalesce(order_timestamp, changed_at)') }})
            as line_date,
        processed_at
    from grocery_items

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
        cast(null as bigint) as cart_position,
        cast(null as boolean) as is_reordered,
        cast(null as bigint) as days_since_prior_order,
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
        items.cart_position,
        items.is_reordered,
        items.days_since_prior_order,
        false as is_test,
        coalesce(orders.event_date, items.line_date) as event_date,
        coalesce(orders.ordered_at, items.line_at) as ordered_at,
        items.processed_at
    from of_rows as items
    left join orders
        on
            items.system = orders.system
            and items.order_id = orders.order_id

),

conformed as (

    {{- by_authority(
        'order_items', 'of_all_sources', ['system', 'order_id'], origins
    ) }}

)

select
    cast(conformed.system as varchar) as system,
    cast(conformed.order_id as varchar) as order_id,
    cast(conformed.line_number as bigint) as line_number,
    cast(conformed.origin as varchar) as origin,
    cast(conformed.product_id as varchar) as product_id,
    cast({{ of_order.format('status') }} as varchar) as status,
    cast(conformed.quantity as bigint) as quantity,
    cast(conformed.unit_price_amount as decimal(18, 4)) as unit_price_amount,
    cast(conformed.line_amount as decimal(38, 4)) as line_amount,
    cast(conformed.currency_code as varchar) as currency_code,
    cast(conformed.cart_position as bigint) as cart_position,
    cast(conformed.is_reordered as boolean) as is_reordered,
    cast(conformed.days_since_prior_order as bigint) as days_since_prior_order,
    cast({{ of_order.format('is_test') }} as boolean) as is_test,
    cast({{ of_order.format('event_date') }} as date) as event_date,
    cast({{ of_order.format('ordered_at') }} as {{ type_timestamp6() }}) as ordered_at,
    cast(conformed.processed_at as {{ type_timestamp6() }}) as processed_at
from conformed
{%- if share_a_system(origins) %}
left join orders
    on
        conformed.system = orders.system
        and conformed.order_id = orders.order_id
{%- endif %}
