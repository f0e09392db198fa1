{{ config(materialized='view') }}

{#- What refers to what: the kind of thing, the model that names it, its column there, and when: of
    a payment, which tells the day alone, at its end. #}
{%- set references = [
    ('customer', ref('fact_orders'), 'customer_id', 'ordered_at'),
    ('customer', ref('fact_payments'), 'customer_id', dbt.dateadd('day', 1, 'event_date')),
    ('customer', ref('fact_cart_abandonments'), 'customer_id', 'abandoned_at'),
    ('product', ref('fact_order_items'), 'product_id', 'ordered_at'),
    ('product', ref('fact_cart_abandonments'), 'product_id', 'abandoned_at'),
    ('order', ref('fact_order_items'), 'order_id', 'ordered_at'),
    ('order', ref('fact_refunds'), 'order_id', 'refunded_at'),
    ('department', ref('conformed_products'), 'department_id', 'changed_at'),
] %}

with

named as (

    {%- for kind, model, column, time in references %}
    select
        '{{ kind }}' as reference,
        system,
        {{ column }} as reference_id,
        cast({{ time }} as {{ type_timestamp6() }}) as named_at
    from {{ model }}
    where {{ column }} is not null
    {%- if not loop.last %}

    union all
{% endif %}
    {%- endfor %}

),

-- What was told of once: also customers and products that their source has deleted since.
known as (

    select
        'customer' as reference,
        system,
        customer_id as reference_id
    from {{ ref('conformed_customers_history') }}

    union

    select
        'product' as reference,
        system,
        product_id as reference_id
    from {{ ref('conformed_products_history') }}

    union

    select
        'order' as reference,
        system,
        order_id as reference_id
    from {{ ref('conformed_orders') }}

    union

    select
        'department' as reference,
        system,
        department_id as reference_id
    from {{ ref('dim_departments') }}
    where not is_inferred

),

-- Where no source tells of such things at all, none is waited for.
told as (

    select
        reference,
        system
    from known
    group by reference, system

),

waiting as (

    select
        named.reference,
        named.system,
        named.reference_id,
        count(*) as named_count,
        min(named.named_at) as first_named_at
    from named
    inner join told
        on
            named.reference = told.reference
            and named.system = told.system
    left join known
        on
            named.reference = known.reference
            and named.system = known.system
            and named.reference_id = known.reference_id
    where known.reference_id is null
    group by named.reference, named.system, named.reference_id

)

select
    cast(reference as varchar) as reference,
    cast(system as varchar) as system,
    cast(reference_id as varchar) as reference_id,
    cast(named_count as bigint) as named_count,
    cast(first_named_at as {{ type_timestamp6() }}) as first_named_at
from waiting
where
    first_named_at < {{ dbt.dateadd(
        'hour', -var('overdue_reference_hours'), "timestamp '" ~ run_at() ~ "'"
    ) }}
