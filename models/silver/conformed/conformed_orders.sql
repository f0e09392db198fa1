{{ config(materialized='view') }}

{%- set origins = ['events', 'webshop', 'wholesale', 'grocery_orders'] %}

with

told_orders as (

    select * from {{ ref('orders') }}

),

webshop_sales as (

    select * from {{ rows_of('webshop_fact_sales') }}

),

wholesale_orders as (

    select * from {{ rows_of('wholesale_orders') }}

),

wholesale_lines as (

    select * from {{ rows_of('wholesale_order_details') }}

),

grocery_orders as (

    select * from {{ rows_of('grocery_orders') }}

),

wholesale_line_amounts as (

    select
        system,
        order_number,
        cast(quantity_ordered as decimal(20, 0)) * try_cast(price_each as decimal(18, 4)) as amount
    from wholesale_lines

),

-- NULL where one of its lines has an amount that cannot be read.
wholesale_amounts as (

    select
        system,
        order_number,
        case when count(*) = count(amount) then sum(amount) end as order_amount
    from wholesale_line_amounts
    group by system, order_number

),

-- A row has its status and when it last changed, not when it reached the statuses before.
of_rows as (

    select
        'webshop' as origin,
        system,
        id as order_id,
        cast(user_id as varchar) as customer_id,
        {{ order_status('webshop', 'status') }} as status,
        status as source_status,
        amount as order_amount,
        currency as currency_code,
        'web' as channel,
        coalesce(sold_at, changed_at) as ordered_at,
        {{ business_date('coalesce(sold_at, changed_at)') }} as event_date,
        cast(null as date) as shipped_date,
        coalesce(updated_at, changed_at) as status_at,
        processed_at
    from webshop_sales

    union all

    -- The day is all that it says of when it was placed, by the wholesaler's calendar.
    select
        'wholesale' as origin,
        orders.system,
        orders.order_number as order_id,
        cast(orders.customer_number as varchar) as customer_id,
        {{ order_status('wholesale', 'orders.status') }} as status,
        orders.status as source_status,
        case when amounts.order_number is null then 0 else amounts.order_amount end as order_amount,
        '{{ default_currency_code() }}' as currency_code,
        cast(null as varchar) as channel,
        coalesce(cast(orders.order_date as {{ type_timestamp6() }}), orders.changed_at)
            as ordered_at,
        coalesce(orders.order_date, {{ business_date('orders.changed_at') }}) as event_date,
        orders.shipped_date,
        coalesce(orders.updated_at, orders.changed_at) as status_at,
        orders.processed_at
    from wholesale_orders as orders
    left join wholesale_amounts as amounts
        on
            orders.system = amounts.system
            and orders.order_number = amounts.order_number

    union all

    -- What became of an order no file says.
    select
        'grocery_orders' as origin,
        system,
        order_id,
        user_id as customer_id,
        'CREATED' as status,
        cast(null as varchar) as source_status,
        total_amount as order_amount,
        currency_code,
        cast(null as varchar) as channel,
        coalesce(order_timestamp, changed_at) as ordered_at,
        coalesce(order_date, {{ business_date('coalesce(order_timestamp, changed_at)') }})
            as event_date,
        cast(null as date) as shipped_date,
        coalesce(order_timestamp, changed_at) as status_at,
        processed_at
    from grocery_orders

),

of_all_sources as (

    select
        'events' as origin,
        system,
        order_id,
        source,
        customer_id,
        status,
        status as source_status,
        order_amount,
        currency_code,
        channel,
        city,
        is_test,
        event_date,
        ordered_at,
        shipped_at,
        delivered_at,
        cancelled_at,
        status_at,
        processed_at
    from told_orders

    union all

    select
        origin,
        system,
        order_id,
        origin as source,
        customer_id,
        status,
        source_status,
        try_cast(order_amount as decimal(18, 4)) as order_amount,
        currency_code,
        channel,
        cast(null as varchar) as city,
        false as is_test,
        event_date,
        ordered_at,
        coalesce(
            cast(shipped_date as {{ type_timestamp6() }}),
            case when status = 'SHIPPED' then status_at end
        ) as shipped_at,
        case when status = 'DELIVERED' then status_at end as delivered_at,
        case when status = 'CANCELLED' then status_at end as cancelled_at,
        status_at,
        processed_at
    from of_rows

),

conformed as (

    {{- by_authority('orders', 'of_all_sources', ['system', 'order_id'], origins) }}

)

select
    cast(system as varchar) as system,
    cast(order_id as varchar) as order_id,
    cast(origin as varchar) as origin,
    cast(source as varchar) as source,
    cast(customer_id as varchar) as customer_id,
    cast(status as varchar) as status,
    cast(source_status as varchar) as source_status,
    cast(order_amount as decimal(18, 4)) as order_amount,
    cast(currency_code as varchar) as currency_code,
    cast(channel as varchar) as channel,
    cast(city as varchar) as city,
    cast(is_test as boolean) as is_test,
    cast(event_date as date) as event_date,
    cast(ordered_at as {{ type_timestamp6() }}) as ordered_at,
    cast(shipped_at as {{ type_timestamp6() }}) as shipped_at,
    cast(delivered_at as {{ type_timestamp6() }}) as delivered_at,
    cast(cancelled_at as {{ type_timestamp6() }}) as cancelled_at,
    cast(status_at as {{ type_timestamp6() }}) as status_at,
    cast(processed_at as {{ type_timestamp6() }}) as processed_at
from conformed
