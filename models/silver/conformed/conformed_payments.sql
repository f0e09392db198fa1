{{ config(materialized='view') }}

with

wholesale_payments as (

    select * from {{ rows_of('wholesale_payments') }}

),

of_all_sources as (

    -- The day is all that it says of when it was paid, by the wholesaler's calendar.
    select
        'wholesale' as origin,
        system,
        cast(customer_number as varchar) as customer_id,
        check_number as payment_id,
        try_cast(amount as decimal(18, 4)) as payment_amount,
        '{{ default_currency_code() }}' as currency_code,
        coalesce(payment_date, {{ business_date('changed_at') }}) as event_date,
        processed_at
    from wholesale_payments

),

conformed as (

    {{- by_authority(
        'payments', 'of_all_sources', ['system', 'customer_id', 'payment_id'], ['wholesale']
    ) }}

)

select
    cast(system as varchar) as system,
    cast(customer_id as varchar) as customer_id,
    cast(payment_id as varchar) as payment_id,
    cast(origin as varchar) as origin,
    cast(payment_amount as decimal(18, 4)) as payment_amount,
    cast(currency_code as varchar) as currency_code,
    cast(event_date as date) as event_date,
    cast(processed_at as {{ type_timestamp6() }}) as processed_at
from conformed
