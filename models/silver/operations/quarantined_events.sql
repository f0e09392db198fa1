{{
    config(
        unique_key=['received_at', 'message_id'],
        partitioned_by=['arrival_date'],
        meta={
            'reads_by_arrival': true,
            'reads_raw': true,
            'rebuild_on': ['default_currency_code', 'earliest_event_date'],
            'never_ahead_of': accepted_models(),
        },
    )
}}

{#- Never ahead of the tables of accepted events: a conflict is judged against them. -#}
{%- set window = run_window() %}
{%- set columns = [
    'source', 'event_id', 'event_type', 'event_name', 'event_ts', 'payload_encoding', 'line',
    'received_at', 'message_id', 'replayed_from',
] %}

with

quarantined as (

    select
        {{ columns | join(', ') }},
        reject_reason
    from {{ ref('stg_events__unrecognised') }}
    where {{ arrived_in(window) }}

    {%- for type in known_event_types() %}

    union all

    select
        event.{{ columns | join(', event.') }},
        coalesce(event.reject_reason, 'conflicting_duplicate') as reject_reason
    from {{ ref(type.staging_model) }} as event
    left join {{ ref(event_domains()[type.domain].accepted) }} as accepted
        on
            event.source = accepted.source
            and event.event_id = accepted.event_id
    where
        {{ arrived_in(window, 'event.') }}
        and (
            event.reject_reason is not null
            or (
                accepted.event_id is not null
                and not ({{ same_event(type.domain, 'event', 'accepted') }})
            )
        )
    {%- endfor %}

),

-- Beyond conflict_lookback_days a key can be accepted twice, and a line conflict with both.
numbered as (

    select
        *,
        row_number() over (
            partition by received_at, message_id order by reject_reason, line
        ) as line_rank
    from quarantined

),

rejected_lines as (

    select
        {{ columns | join(', ') }},
        reject_reason,
        cast(received_at as date) as arrival_date
    from numbered
    where line_rank = 1

),

{#- A line that is no longer rejected (a rule was corrected and its arrivals read again) leaves. #}
{{ changed_rows(
    'rejected_lines',
    columns + ['reject_reason', 'arrival_date'],
    ['received_at', 'message_id'],
    among=quarantined_in(window)
) }}

select
    cast(source as varchar) as source,
    cast(event_id as varchar) as event_id,
    cast(event_type as varchar) as event_type,
    cast(event_name as varchar) as event_name,
    cast(event_ts as varchar) as event_ts,
    cast(reject_reason as varchar) as reject_reason,
    cast(payload_encoding as varchar) as payload_encoding,
    cast(line as varchar) as line,
    cast(received_at as {{ type_timestamp6() }}) as received_at,
    cast(message_id as varchar) as message_id,
    cast(replayed_from as varchar) as replayed_from,
    cast(arrival_date as date) as arrival_date,
    {{ processed_at() }} as processed_at
from changed
