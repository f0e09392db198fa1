{{ config(materialized='view') }}

with

grocery_abandonments as (

    select * from {{ rows_of('grocery_cart_abandonments') }}

),

of_all_sources as (

    select
        'grocery_cart_abandonments' as origin,
        system,
        cart_id,
        product_id,
        customer_id,
        session_id,
        quantity,
        unit_price as unit_price_amount,
        cast(cast(quantity as decimal(20, 0)) * unit_price as decimal(38, 4)) as abandoned_amount,
        currency_code,
        checkout_step,
        device,
        coalesce(abandoned_at, changed_at) as abandoned_at,
        processed_at
    from grocery_abandonments

),

conformed as (

    {{- by_authority(
        'cart_abandonments',
        'of_all_sources',
        ['system', 'cart_id', 'product_id'],
        ['grocery_cart_abandonments']
    ) }}

)

select
    cast(system as varchar) as system,
    cast(cart_id as varchar) as cart_id,
    cast(product_id as varchar) as product_id,
    cast(origin as varchar) as origin,
    cast(customer_id as varchar) as customer_id,
    cast(session_id as varchar) as session_id,
    cast(quantity as bigint) as quantity,
    cast(unit_price_amount as decimal(18, 4)) as unit_price_amount,
    cast(abandoned_amount as decimal(38, 4)) as abandoned_amount,
    cast(currency_code as varchar) as currency_code,
    cast(checkout_step as varchar) as checkout_step,
    cast(device as varchar) as device,
    cast({{ business_date('abandoned_at') }} as date) as event_date,
    cast(abandoned_at as {{ type_timestamp6() }}) as abandoned_at,
    cast(processed_at as {{ type_timestamp6() }}) as processed_at
from conformed
