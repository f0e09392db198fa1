{{ config(materialized='view') }}

with

quarantined as (

    select * from {{ ref('quarantined_events') }}

),

-- Without the line, which a window would hold of all rows.
numbered as (

    select
        received_at,
        message_id,
        source,
        event_id,
        reject_reason,
        min(received_at) over (partition by source, event_id) as first_received_at,
        row_number() over (
            partition by source, event_id, coalesce(replayed_from, message_id)
            order by received_at desc, message_id desc
        ) as latest_rank
    from {{ ref('quarantined_events') }}

),

-- Several closings may cover one line.
marked as (

    select
        numbered.received_at,
        numbered.message_id,
        numbered.latest_rank,
        count(closing.reject_reason) > 0 as is_closed
    from numbered
    left join {{ ref('quarantine_closings') }} as closing
        on
            numbered.reject_reason = closing.reject_reason
            and numbered.source = coalesce(closing.source, numbered.source)
            and numbered.event_id = coalesce(closing.event_id, numbered.event_id)
            and numbered.first_received_at
            <= {{ iso8601_timestamp('closing.received_until') }}
    group by
        numbered.received_at,
        numbered.message_id,
        numbered.latest_rank

),

accepted as (

    {%- for table in enabled_tables() %}
    {{ 'union all' if not loop.first }}
    select
        cast('{{ table.domain }}' as varchar) as domain,
        source,
        event_id,
        replayed_from
    from {{ ref(table.name) }}
    {%- endfor %}

),

judged as (

    select
        quarantined.*,
        marked.latest_rank,
        marked.is_closed,
        -- What a line conflicts with is no resolution: only this line's own replay is.
        coalesce(
            quarantined.reject_reason <> 'conflicting_duplicate'
            or accepted.replayed_from
            = coalesce(quarantined.replayed_from, quarantined.message_id),
            false
        ) and accepted.event_id is not null as is_resolved
    from quarantined
    inner join marked
        on
            quarantined.received_at = marked.received_at
            and quarantined.message_id = marked.message_id
    left join accepted
        on
            quarantined.source = accepted.source
            and quarantined.event_id = accepted.event_id

)

select
    domain,
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
    is_resolved,
    cast(
        case
            when latest_rank > 1 then 'repeated'
            when is_resolved then 'resolved'
            when is_closed then 'closed'
            else 'open'
        end as varchar
    ) as status,
    processed_at
from judged
