{{ config(materialized='view') }}

with

items as (

    select * from {{ ref('fact_order_items') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

departments as (

    select * from {{ ref('dim_departments') }}

),

sold as (

    select
        items.*,
        coalesce(products.department_id, 'unknown') as department_id
    from items
    left join products
        on
            items.system = products.system
            and items.product_id = products.product_id
    where items.status <> 'CANCELLED'

),

counted as (

    select
        system,
        department_id,
        currency_code,
        count(distinct order_id) as order_count,
        sum(quantity) as sold_quantity,
        count(is_reordered) as told_line_count,
        sum(case when is_reordered then 1 else 0 end) as reordered_line_count,
        sum(cart_position) as cart_positions,
        count(cart_position) as positioned_line_count,
        count(*) - count(line_amount) as unpriced_line_count,
        sum(line_amount) as revenue
    from sold
    group by system, department_id, currency_code

)

select
    cast(counted.system as varchar) as system,
    cast(counted.department_id as varchar) as department_id,
    cast(counted.currency_code as varchar) as currency_code,
    cast(coalesce(departments.department_name, 'unknown') as varchar) as department_name,
    cast(counted.order_count as bigint) as order_count,
    cast(counted.sold_quantity as bigint) as sold_quantity,
    {{ divide_amount('100 * counted.reordered_line_count', 'counted.told_line_count') }}
        as reordered_percent,
    {{ divide_amount('counted.cart_positions', 'counted.positioned_line_count') }}
        as average_cart_position,
    cast(counted.unpriced_line_count as bigint) as unpriced_line_count,
    cast(counted.revenue as decimal(38, 4)) as revenue
from counted
left join departments
    on
        counted.system = departments.system
        and counted.department_id = departments.department_id
