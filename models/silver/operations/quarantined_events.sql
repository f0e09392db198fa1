{{ config(materialized='view') }}

{%- for name in judged_names() %}
{{ 'union all' if not loop.first }}

select
    cast('{{ domain_judged(name) }}' as varchar) as domain,
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
from {{ ref(quarantine_of(name)) }}
{%- endfor %}
