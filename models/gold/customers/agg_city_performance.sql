{{ config(materialized='view') }}

{%- set is_premium = 'order_amount >= ' ~ premium_order_amount() %}

with

orders as (

    select * from {{ ref('fact_orders') }}

),

customers as (

    select * from {{ ref('dim_customers_history') }}

),

-- Where the order goes, or else where its customer lived when it was placed.
placed as (

    select
        orders.system,
        orders.order_id,
        orders.order_amount,
        orders.currency_code,
        coalesce(orders.city, customers.city, 'unknown') as city
    from orders
    left join customers
        on
            orders.system = customers.system
            and orders.customer_id = customers.customer_id
            and orders.ordered_at >= customers.valid_from
            and orders.ordered_at < customers.valid_to
    where orders.status <> 'CANCELLED'

),

counted as (

    select
        city,
        currency_code,
        count(*) as order_count,
        sum(case when {{ is_premium }} then 1 else 0 end) as premium_order_count,
        sum(case when {{ is_premium }} then order_amount else 0 end) as premium_revenue,
        sum(case when {{ is_premium }} then 0 else order_amount end) as standard_revenue
    from placed
    group by city, currency_code

)

select
    cast(city as varchar) as city,
    cast(currency_code as varchar) as currency_code,
    cast(order_count as bigint) as order_count,
    cast(premium_order_count as bigint) as premium_order_count,
    cast(order_count - premium_order_count as bigint) as standard_order_count,
    cast(premium_revenue as decimal(38, 4)) as premium_revenue,
    cast(standard_revenue as decimal(38, 4)) as standard_revenue,
    {{ divide_amount('100 * premium_order_count', 'order_count') }} as premium_share_percent
from counted
