{{ config(materialized='view') }}

with

products as (

    select * from {{ ref('products') }}

)

select
    cast(system as varchar) as system,
    cast(product_id as varchar) as product_id,
    cast(name as varchar) as product_name,
    cast(coalesce(category, 'unknown') as varchar) as category,
    cast(unit_price as decimal(18, 4)) as unit_price,
    cast(currency_code as varchar) as currency_code,
    cast(coalesce(is_active, true) as boolean) as is_active,
    cast(changed_at as {{ type_timestamp6() }}) as changed_at
from products
