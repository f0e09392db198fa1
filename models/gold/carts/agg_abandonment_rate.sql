{{ config(materialized='view') }}

with

abandonments as (

    select * from {{ ref('fact_cart_abandonments') }}

),

items as (

    select * from {{ ref('fact_order_items') }}

),

-- Of systems that tell of abandoned carts: of others nobody knows.
movements as (

    select
        event_date,
        system,
        product_id,
        quantity as abandoned_quantity,
        0 as bought_quantity
    from abandonments

    union all

    select
        event_date,
        system,
        product_id,
        0 as abandoned_quantity,
        quantity as bought_quantity
    from items
    where
        status <> 'CANCELLED'
        and system in (select system from abandonments)

),

daily as (

    select
        event_date,
        system,
        product_id,
        sum(abandoned_quantity) as abandoned_quantity,
        sum(bought_quantity) as bought_quantity
    from movements
    group by event_date, system, product_id

)

select
    cast(event_date as date) as event_date,
    cast(system as varchar) as system,
    cast(product_id as varchar) as product_id,
    cast(abandoned_quantity as bigint) as abandoned_quantity,
    cast(bought_quantity as bigint) as bought_quantity,
    {{ divide_amount('100 * abandoned_quantity', '(abandoned_quantity + bought_quantity)') }}
        as abandonment_percent
from daily
