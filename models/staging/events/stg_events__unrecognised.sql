-- What landed under no known type: every row is rejected, with the reason.
with

events as (

    {{ raw_events('unknown', ['oversized_bytes']) }}

)

select
    {{ envelope_columns() }},
    cast(
        case
            when payload_encoding = 'text' then 'malformed_payload'
            when payload_encoding = 'base64' then 'undecodable_payload'
            when oversized_bytes_json is not null then 'oversized_payload'
            when event_name is null then 'missing_event_type'
            when
                {{ json_is_given('given_event_type_json') }}
                and not {{ json_is_string('given_event_type_json') }}
                then 'invalid_event_type'
            else 'unknown_event_type'
        end as varchar
    ) as reject_reason
from events
