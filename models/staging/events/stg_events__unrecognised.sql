-- What landed under no known type: every row is rejected, with the reason.
with

events as (

    {{ raw_events('unknown', ['oversized_bytes']) }}

),

judged as (

    select
        *,
        case
            when payload_encoding = 'text' then 'malformed_payload'
            when payload_encoding = 'base64' then 'undecodable_payload'
            when oversized_bytes_json is not null then 'oversized_payload'
            when event_name is null then 'missing_field'
            when
                {{ json_is_given('given_event_type_json') }}
                and not {{ json_is_string('given_event_type_json') }}
                then 'wrong_type'
            else 'unknown_event_type'
        end as reject_reason
    from events

),

rejected as (

    select
        *,
        case
            when reject_reason in ('missing_field', 'wrong_type', 'unknown_event_type')
                then 'event_type'
        end as faulty_field
    from judged

)

select
    {{ envelope_columns() }},
    cast(reject_reason as varchar) as reject_reason,
    cast({{ field_as_sent('faulty_field') }} as varchar) as reject_field,
    cast(
        case when faulty_field is not null then substr(given_event_type_json, 1, 256) end as varchar
    ) as reject_value
from rejected
