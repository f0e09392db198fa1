-- Every raw line, whatever it holds: what conservation is counted against.
select
    event_type,
    {{ json_text('value[2]') }} as source,
    {{ json_text('value[3]') }} as event_id,
    {{ arrival_of_line('value[1]') }} as received_at,
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
