-- Products that were first ordered before yesterday and whose source, where there is one, has never
-- told of them. Their lines count all the same.
{{ config(severity='warn', tags=['daily']) }}

select
    products.system,
    products.product_id
from {{ ref('dim_products') }} as products
inner join {{ ref('ordered_products') }} as ordered
    on
        products.system = ordered.system
        and products.product_id = ordered.product_id
where
    products.is_inferred
    and products.system in (select system from {{ ref('conformed_products') }})
    -- Not those that it has deleted.
    and not exists (
        select 1
        from {{ ref('dim_products_history') }} as history
        where
            history.system = products.system
            and history.product_id = products.product_id
    )
    and ordered.first_ordered_at < {{ dbt.dateadd('day', -1, "timestamp '" ~ run_at() ~ "'") }}
