{{ config(materialized='view') }}

with

products as (

    select * from {{ ref('conformed_products') }}

),

-- Of a department whose products call it differently, the name that was told last.
ranked as (

    select
        system,
        department_id,
        category,
        row_number() over (
            partition by system, department_id
            order by
                case when category is null then 1 else 0 end asc, changed_at desc, product_id asc
        ) as name_rank
    from products
    where department_id is not null

)

select
    cast(system as varchar) as system,
    cast(department_id as varchar) as department_id,
    cast(coalesce(category, 'unknown') as varchar) as department_name,
    cast(category is null as boolean) as is_inferred
from ranked
where name_rank = 1
