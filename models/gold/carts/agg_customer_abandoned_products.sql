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
        customer_id,
        product_id,
        currency_code,
        count(*) as cart_count,
        sum(quantity) as abandoned_quantity,
        sum(abandoned_amount) as abandoned_amount,
        max(abandoned_at) as last_abandoned_at
    from abandonments
    where customer_id is not null
    group by system, customer_id, product_id, currency_code

),

-- Of each currency by itself: amounts of two cannot be compared.
ranked as (

    select
        *,
        row_number() over (
            partition by system, customer_id, currency_code
            order by coalesce(abandoned_amount, 0) desc, product_id asc
        ) as product_rank
    from counted

)

select
    cast(ranked.system as varchar) as system,
    cast(ranked.customer_id as varchar) as customer_id,
    cast(ranked.currency_code as varchar) as currency_code,
    cast(ranked.product_rank as bigint) as product_rank,
    cast(ranked.product_id as varchar) as product_id,
    cast(coalesce(products.product_name, 'unknown') as varchar) as product_name,
    cast(ranked.cart_count as bigint) as cart_count,
    cast(ranked.abandoned_quantity as bigint) as abandoned_quantity,
    cast(ranked.abandoned_amount as decimal(38, 4)) as abandoned_amount,
    cast(ranked.last_abandoned_at as {{ type_timestamp6() }}) as last_abandoned_at
from ranked
left join products
    on
        ranked.system = products.system
        and ranked.product_id = products.product_id
where ranked.product_rank <= 10
