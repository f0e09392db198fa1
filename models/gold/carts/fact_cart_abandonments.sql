{{ config(materialized='view') }}

with

abandonments as (

    select * from {{ ref('conformed_cart_abandonments') }}

)

select
    cast(system as varchar) as system,
    cast(cart_id as varchar) as cart_id,
    cast(product_id as varchar) as product_id,
    cast(customer_id as varchar) as customer_id,
    cast(session_id as varchar) as session_id,
    cast(quantity as bigint) as quantity,
    cast(unit_price_amount as decimal(18, 4)) as unit_price_amount,
    cast(abandoned_amount as decimal(38, 4)) as abandoned_amount,
    cast(currency_code as varchar) as currency_code,
    cast(checkout_step as varchar) as checkout_step,
    cast(device as varchar) as device,
    cast(event_date as date) as event_date,
    cast(abandoned_at as {{ type_timestamp6() }}) as abandoned_at,
    cast(processed_at as {{ type_timestamp6() }}) as processed_at
from abandonments
