{{ config(materialized='view') }}

with

items as (

    select * from {{ ref('fact_order_items') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

sold as (

    select
        system,
        product_id,
        currency_code,
        count(distinct order_id) as order_count,
        sum(quantity) as sold_quantity,
        sum(line_amount) as revenue
    from items
    where status <> 'CANCELLED'
    group by system, product_id, currency_code

)

select
    cast(sold.system as varchar) as system,
    cast(sold.product_id as varchar) as product_id,
    cast(sold.currency_code as varchar) as currency_code,
    cast(coalesce(products.product_name, 'unknown') as varchar) as product_name,
    cast(coalesce(products.category, 'unknown') as varchar) as category,
    cast(sold.order_count as bigint) as order_count,
    cast(sold.sold_quantity as bigint) as sold_quantity,
    cast(sold.revenue as decimal(38, 4)) as revenue
from sold
left join products
    on
        sold.system = products.system
        and sold.product_id = products.product_id
