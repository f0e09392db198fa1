-- Every raw line, whatever it holds: what conservation is counted against. One that is no envelope
-- arrived at the start of the hour that it lies in.
select
    event_type,
    {{ json_text('value[2]') }} as source,
    {{ json_text('value[3]') }} as event_id,
    coalesce(
        {{ envelope_timestamp('value[1]') }},
        try_cast(dt || ' ' || hour || ':00:00' as {{ type_timestamp6() }})
    ) as received_at,
    {{ json_text('value[4]') }} as message_id,
    dt,
    hour
from (
    select
        event_type,
        {{ json_extract_all('line', [
            '$.received_at', '$.source', '$.event_id', '$.message_id'
        ]) }} as value,
        dt,
        hour
    from {{ raw_lines() }}
) as extracted
