-- Every raw line, whatever it holds: what conservation is counted against. One that is no envelope
-- arrived at the start of the hour that it lies in.
select
    coalesce(
        {{ envelope_timestamp(json_extract_all('line', ['$.received_at']) ~ '[1]') }},
        try_cast(dt || ' ' || hour || ':00:00' as {{ type_timestamp6() }})
    ) as received_at,
    dt,
    hour
from {{ raw_lines() }}
