{{ config(materialized='view') }}

with

quarantined as (

    select * from {{ ref('quarantined_events') }}

),

accepted as (

    {%- for domain, table in event_domains().items() %}
    {{ 'union all' if not loop.first }}
    select
        source,
        event_id,
        replayed_from
    from {{ ref(table.accepted) }}
    {%- endfor %}

)

select
    quarantined.source,
    quarantined.event_id,
    quarantined.event_type,
    quarantined.event_name,
    quarantined.event_ts,
    quarantined.reject_reason,
    quarantined.payload_encoding,
    quarantined.line,
    quarantined.received_at,
    quarantined.message_id,
    quarantined.replayed_from,
    quarantined.arrival_date,
    -- The rival of a conflict is no resolution: only this line's own replay is.
    coalesce(
        quarantined.reject_reason <> 'conflicting_duplicate'
        or accepted.replayed_from = quarantined.message_id,
        false
    ) and accepted.event_id is not null as is_resolved,
    quarantined.processed_at
from quarantined
left join accepted
    on
        quarantined.source = accepted.source
        and quarantined.event_id = accepted.event_id
