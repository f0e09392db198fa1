{{ config(materialized='view') }}

{%- for domain in (['operations'] + event_domains()) | unique | sort %}
{{ 'union all' if not loop.first }}

select
    cast('{{ domain }}' as varchar) as domain,
    source,
    event_id,
    event_type,
    event_name,
    event_ts,
    reject_reason,
    reject_field,
    reject_value,
    payload_encoding,
    line,
    received_at,
    message_id,
    replayed_from,
    arrival_date,
    processed_at
from {{ ref(domain ~ '_quarantined') }}
{%- endfor %}
