{{ config(materialized='view') }}

with

items as (

    select * from {{ ref('fact_order_items') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

counted as (

    select
        system,
        product_id,
        count(*) as line_count,
        sum(case when is_reordered then 1 else 0 end) as reordered_line_count,
        sum(cart_position) as cart_positions,
        count(cart_position) as positioned_line_count,
        sum(days_since_prior_order) as days_between,
        count(days_since_prior_order) as later_line_count
    from items
    where
        status <> 'CANCELLED'
        and is_reordered is not null
    group by system, product_id

)

select
    cast(counted.system as varchar) as system,
    cast(counted.product_id as varchar) as product_id,
    cast(coalesce(products.product_name, 'unknown') as varchar) as product_name,
    cast(coalesce(products.category, 'unknown') as varchar) as category,
    cast(counted.line_count as bigint) as line_count,
    cast(counted.reordered_line_count as bigint) as reordered_line_count,
    {{ divide_amount('100 * counted.reordered_line_count', 'counted.line_count') }}
        as reordered_percent,
    {{ divide_amount('counted.cart_positions', 'counted.positioned_line_count') }}
        as average_cart_position,
    {{ divide_amount('counted.days_between', 'counted.later_line_count') }}
        as average_days_since_prior_order
from counted
left join products
    on
        counted.system = products.system
        and counted.product_id = products.product_id
