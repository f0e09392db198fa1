{{ config(materialized='view') }}

with

payments as (

    select * from {{ ref('conformed_payments') }}

)

select
    cast(system as varchar) as system,
    cast(customer_id as varchar) as customer_id,
    cast(payment_id as varchar) as payment_id,
    cast(payment_amount as decimal(18, 4)) as payment_amount,
    cast(currency_code as varchar) as currency_code,
    cast(event_date as date) as event_date,
    cast(processed_at as {{ type_timestamp6() }}) as processed_at
from payments
