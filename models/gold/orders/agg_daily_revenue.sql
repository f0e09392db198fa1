{{ config(materialized='view') }}

with

fact_orders as (

    select * from {{ ref('fact_orders') }}

),

refunds as (

    select * from {{ ref('fact_refunds') }}

),

-- Of refunds, which events alone tell of. Unless a database may have their orders, too, those that
-- events told of are all.
orders as (

    {% if share_a_system(['events', 'webshop', 'wholesale', 'grocery_orders']) -%}
    select * from {{ ref('conformed_orders') }}
    {%- else -%}
    select * from {{ ref('orders') }}
    {%- endif %}

),

-- One below the other, and not joined by day: so a day that is asked for bounds what is read of
-- both.
movements as (

    select
        event_date,
        currency_code,
        1 as order_count,
        order_amount as gross,
        case when status = 'CANCELLED' then order_amount else 0 end as cancelled,
        cast(0 as decimal(18, 4)) as refunded
    from fact_orders

    union all

    -- Of a cancelled order all is taken off already; a test order is in no mart. One that has not
    -- come is neither.
    select
        refunds.event_date,
        refunds.currency_code,
        0 as order_count,
        cast(0 as decimal(18, 4)) as gross,
        cast(0 as decimal(18, 4)) as cancelled,
        refunds.refund_amount as refunded
    from refunds
    left join orders
        on
            refunds.system = orders.system
            and refunds.order_id = orders.order_id
    where
        coalesce(orders.status, '') <> 'CANCELLED'
        and not coalesce(orders.is_test, false)

),

daily as (

    select
        event_date,
        currency_code,
        sum(order_count) as order_count,
        sum(gross) as gross_revenue,
        sum(cancelled) as cancelled_revenue,
        sum(refunded) as refunded_revenue
    from movements
    group by event_date, currency_code

)

select
    cast(event_date as date) as event_date,
    cast(currency_code as varchar) as currency_code,
    cast(order_count as bigint) as order_count,
    cast(gross_revenue as decimal(38, 4)) as gross_revenue,
    cast(cancelled_revenue as decimal(38, 4)) as cancelled_revenue,
    cast(refunded_revenue as decimal(38, 4)) as refunded_revenue,
    cast(gross_revenue - cancelled_revenue - refunded_revenue as decimal(38, 4)) as daily_revenue,
    {{ divide_amount('gross_revenue', 'order_count') }} as average_order_value
from daily
