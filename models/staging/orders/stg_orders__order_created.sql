with

events as (

    {{ raw_events('order_created', ['order_id', 'customer_id', 'amount', 'currency_code']) }}

),

typed as (

    select
        *,
        {{ iso8601_timestamp('event_ts') }} as event_at,
        {{ json_text('order_id_json') }} as order_id,
        {{ json_text('customer_id_json') }} as customer_id,
        {{ json_decimal('amount_json') }} as amount,
        {{ json_text('currency_code_json') }} as given_currency_code
    from events

),

judged as (

    select
        *,
        case
            {{ reject_envelope() }}
            when not {{ is_identifier('order_id') }} then 'invalid_order_id'
            when not {{ is_identifier('customer_id') }} then 'invalid_customer_id'
            when amount is null then 'invalid_amount'
            when amount < 0 then 'negative_amount'
            when
                {{ json_is_given('currency_code_json') }}
                and not coalesce({{ regexp_like('given_currency_code', '^[A-Z]{3}\\z') }}, false)
                then 'invalid_currency_code'
        end as reject_reason
    from typed

)

select
    {{ envelope_columns() }},
    cast(event_at as {{ type_timestamp6() }}) as event_at,
    cast(order_id as varchar) as order_id,
    cast(customer_id as varchar) as customer_id,
    cast(null as varchar) as status,
    cast(amount as decimal(15, 2)) as amount,
    cast(coalesce(given_currency_code, '{{ default_currency_code() }}') as varchar)
        as currency_code,
    cast(reject_reason as varchar) as reject_reason
from judged
