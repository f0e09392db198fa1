{{ config(materialized='view') }}

with

refunds as (

    select * from {{ ref('refunds') }}

)

select
    cast(system as varchar) as system,
    cast(refund_id as varchar) as refund_id,
    cast(order_id as varchar) as order_id,
    cast(source as varchar) as source,
    cast(refund_amount as decimal(18, 4)) as refund_amount,
    cast(currency_code as varchar) as currency_code,
    cast(reason as varchar) as reason,
    cast(event_date as date) as event_date,
    cast(refunded_at as {{ type_timestamp6() }}) as refunded_at,
    cast(processed_at as {{ type_timestamp6() }}) as processed_at
from refunds
