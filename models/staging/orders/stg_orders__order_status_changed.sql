with

events as (

    {{ raw_events('order_status_changed', ['order_id', 'status']) }}

),

typed as (

    select
        *,
        {{ iso8601_timestamp('event_ts') }} as event_at,
        {{ json_text('order_id_json') }} as order_id,
        {{ json_text('status_json') }} as status
    from events

),

judged as (

    select
        *,
        case
            {{ reject_envelope() }}
            when not {{ is_identifier('order_id') }} then 'invalid_order_id'
            when coalesce(status, '') not in ('SHIPPED', 'DELIVERED', 'CANCELLED')
                then 'invalid_status'
        end as reject_reason
    from typed

)

select
    {{ envelope_columns() }},
    cast(event_at as {{ type_timestamp6() }}) as event_at,
    cast(order_id as varchar) as order_id,
    cast(null as varchar) as customer_id,
    cast(status as varchar) as status,
    cast(null as decimal(15, 2)) as amount,
    cast(null as varchar) as currency_code,
    cast(reject_reason as varchar) as reject_reason
from judged
