{{ config(materialized='table', table_type='iceberg', format='parquet') }}

with

items as (

    select * from {{ ref('conformed_order_items') }}

)

select
    cast(system as varchar) as system,
    cast(product_id as varchar) as product_id,
    cast(min(ordered_at) as {{ type_timestamp6() }}) as first_ordered_at
from items
where product_id is not null
group by system, product_id
