{{ config(materialized='view') }}

with

abandonments as (

    select * from {{ ref('fact_cart_abandonments') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

counted as (

    select
        system,
        product_id,
        currency_code,
        count(*) as cart_count,
        count(distinct customer_id) as customer_count,
        sum(quantity) as abandoned_quantity,
        sum(abandoned_amount) as abandoned_amount,
        max(abandoned_at) as last_abandoned_at
    from abandonments
    group by system, product_id, currency_code

)

select
    cast(counted.system as varchar) as system,
    cast(counted.product_id as varchar) as product_id,
    cast(counted.currency_code as varchar) as currency_code,
    cast(coalesce(products.product_name, 'unknown') as varchar) as product_name,
    cast(coalesce(products.category, 'unknown') as varchar) as category,
    cast(counted.cart_count as bigint) as cart_count,
    cast(counted.customer_count as bigint) as customer_count,
    cast(counted.abandoned_quantity as bigint) as abandoned_quantity,
    cast(counted.abandoned_amount as decimal(38, 4)) as abandoned_amount,
    cast(counted.last_abandoned_at as {{ type_timestamp6() }}) as last_abandoned_at
from counted
left join products
    on
        counted.system = products.system
        and counted.product_id = products.product_id
