{{ config(materialized='view') }}

with

products as (

    select * from {{ ref('conformed_products_history') }}

)

select
    cast(system as varchar) as system,
    cast(product_id as varchar) as product_id,
    cast(coalesce(product_name, 'unknown') as varchar) as product_name,
    cast(coalesce(department_id, 'unknown') as varchar) as department_id,
    cast(coalesce(category, 'unknown') as varchar) as category,
    cast(unit_price_amount as decimal(18, 4)) as unit_price,
    cast(currency_code as varchar) as currency_code,
    cast(coalesce(is_active, true) as boolean) as is_active,
    cast(valid_from as {{ type_timestamp6() }}) as valid_from,
    cast(valid_to as {{ type_timestamp6() }}) as valid_to,
    cast(is_current as boolean) as is_current,
    cast(is_first_known as boolean) as is_first_known
from products
