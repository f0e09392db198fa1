{{ config(materialized='view') }}

with

products as (

    select * from {{ ref('conformed_products') }}

),

ordered as (

    select * from {{ ref('ordered_products') }}

),

abandoned as (

    select * from {{ ref('conformed_cart_abandonments') }}

),

named as (

    select
        system,
        product_id
    from ordered

    union

    select
        system,
        product_id
    from abandoned

),

-- What an order or an abandoned cart names is here, also before the source of products has told of
-- it.
members as (

    select
        coalesce(products.system, named.system) as system,
        coalesce(products.product_id, named.product_id) as product_id,
        products.product_name,
        products.department_id,
        products.category,
        products.unit_price_amount as unit_price,
        products.currency_code,
        products.is_active,
        products.changed_at,
        products.product_id is null as is_inferred
    from named
    full join products
        on
            named.system = products.system
            and named.product_id = products.product_id

)

select
    cast(system as varchar) as system,
    cast(product_id as varchar) as product_id,
    cast(coalesce(product_name, 'unknown') as varchar) as product_name,
    cast(coalesce(department_id, 'unknown') as varchar) as department_id,
    cast(coalesce(category, 'unknown') as varchar) as category,
    cast(unit_price as decimal(18, 4)) as unit_price,
    cast(currency_code as varchar) as currency_code,
    cast(coalesce(is_active, true) as boolean) as is_active,
    cast(is_inferred as boolean) as is_inferred,
    cast(changed_at as {{ type_timestamp6() }}) as changed_at
from members
