{{ config(materialized='view') }}

with

products as (

    select * from {{ ref('conformed_products') }}

),

ordered as (

    select * from {{ ref('ordered_products') }}

),

-- What an order names is here, also before the source of products has told of it.
members as (

    select
        coalesce(products.system, ordered.system) as system,
        coalesce(products.product_id, ordered.product_id) as product_id,
        products.product_name,
        products.category,
        products.unit_price_amount as unit_price,
        products.currency_code,
        products.is_active,
        products.changed_at,
        products.product_id is null as is_inferred
    from ordered
    full join products
        on
            ordered.system = products.system
            and ordered.product_id = products.product_id

)

select
    cast(system as varchar) as system,
    cast(product_id as varchar) as product_id,
    cast(coalesce(product_name, 'unknown') as varchar) as product_name,
    cast(coalesce(category, 'unknown') as varchar) as category,
    cast(unit_price as decimal(18, 4)) as unit_price,
    cast(currency_code as varchar) as currency_code,
    cast(coalesce(is_active, true) as boolean) as is_active,
    cast(is_inferred as boolean) as is_inferred,
    cast(changed_at as {{ type_timestamp6() }}) as changed_at
from members
