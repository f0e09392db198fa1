{{ config(materialized='view') }}

with

orders as (

    select * from {{ ref('fact_orders') }}

),

daily as (

    select
        event_date,
        currency_code,
        count(*) as order_count,
        sum(order_amount) as gross_revenue,
        sum(case when status = 'CANCELLED' then order_amount else 0 end) as cancelled_revenue
    from orders
    group by event_date, currency_code

)

select
    cast(event_date as date) as event_date,
    cast(currency_code as varchar) as currency_code,
    cast(order_count as bigint) as order_count,
    cast(gross_revenue as decimal(38, 4)) as gross_revenue,
    cast(cancelled_revenue as decimal(38, 4)) as cancelled_revenue,
    cast(gross_revenue - cancelled_revenue as decimal(38, 4)) as daily_revenue,
    {{ divide_amount('gross_revenue', 'order_count') }} as average_order_value
from daily
