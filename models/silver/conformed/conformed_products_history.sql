{{ config(materialized='view') }}

{%- set origins = ['events', 'webshop', 'wholesale', 'grocery_products'] %}

with

catalog_products as (

    select * from {{ ref('products_history') }}

),

webshop_products as (

    select * from {{ rows_of('webshop_dim_products_history') }}

),

wholesale_products as (

    select * from {{ rows_of('wholesale_products_history') }}

),

grocery_products as (

    select * from {{ rows_of('grocery_products_history') }}

),

of_all_sources as (

    -- Where there are no departments, the categories stand for them.
    select
        'events' as origin,
        system,
        product_id,
        name as product_name,
        category as department_id,
        category,
        unit_price as unit_price_amount,
        currency_code,
        is_active,
        valid_from,
        valid_to,
        is_current,
        is_first_known
    from catalog_products

    union all

    select
        'webshop' as origin,
        system,
        id as product_id,
        name as product_name,
        category as department_id,
        category,
        try_cast(price as decimal(18, 4)) as unit_price_amount,
        currency as currency_code,
        true as is_active,
        valid_from,
        valid_to,
        is_current,
        is_first_known
    from webshop_products

    union all

    select
        'wholesale' as origin,
        system,
        product_code as product_id,
        product_name,
        product_line as department_id,
        product_line as category,
        try_cast(list_price as decimal(18, 4)) as unit_price_amount,
        '{{ default_currency_code() }}' as currency_code,
        true as is_active,
        valid_from,
        valid_to,
        is_current,
        is_first_known
    from wholesale_products

    union all

    select
        'grocery_products' as origin,
        system,
        product_id,
        product_name,
        cast(department_id as varchar) as department_id,
        department as category,
        cast(null as decimal(18, 4)) as unit_price_amount,
        cast(null as varchar) as currency_code,
        true as is_active,
        valid_from,
        valid_to,
        is_current,
        is_first_known
    from grocery_products

),

conformed as (

    {{- by_authority('products', 'of_all_sources', ['system', 'product_id'], origins) }}

)

select
    cast(system as varchar) as system,
    cast(product_id as varchar) as product_id,
    cast(origin as varchar) as origin,
    cast(product_name as varchar) as product_name,
    cast(department_id as varchar) as department_id,
    cast(category as varchar) as category,
    cast(unit_price_amount as decimal(18, 4)) as unit_price_amount,
    cast(currency_code as varchar) as currency_code,
    cast(is_active as boolean) as is_active,
    cast(valid_from as {{ type_timestamp6() }}) as valid_from,
    cast(valid_to as {{ type_timestamp6() }}) as valid_to,
    cast(is_current as boolean) as is_current,
    cast(is_first_known as boolean) as is_first_known
from conformed
