-- Every raw line, whatever it holds: what conservation is counted against.
select
    {{ envelope_timestamp(json_extract_all('line', ['$.received_at']) ~ '[1]') }} as received_at,
    dt,
    hour
from {{ raw_lines() }}
