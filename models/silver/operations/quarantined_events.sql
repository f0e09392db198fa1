{{
    config(
        unique_key=['received_at', 'message_id'],
        partitioned_by=['arrival_date'],
        meta={
            'reads_by_arrival': true,
            'reads_raw': true,
            'rebuild_on': ['default_currency_code', 'earliest_event_date'],
            'never_ahead_of': accepted_models(),
            'keys_move': 'never',
        },
    )
}}

{#- Read by the test of silver and by no model: as an ancestor of gold it lets `dbt build` hold gold
    back until that test has passed. -#}
{%- if not execute -%}
    {%- do ref('stg_events__landed') -%}
{%- endif -%}

{#- Never ahead of the tables of accepted events: a conflict is judged against them. -#}
{%- set window = run_window() %}

{#- A line's rival is sought on any recent day, and on the line's own day. Apart, so that a literal
    bounds the first and the days of the lines the second: neither reads history. -#}
{%- set since = conflict_lookback_date() %}
{%- set looks = [
    "accepted.event_utc_date >= date '" ~ since ~ "'",
    "accepted.event_utc_date < date '" ~ since ~ "'"
    ~ " and accepted.event_utc_date = cast(event.event_at as date)"
    ~ " and " ~ in_event_days('accepted.event_utc_date'),
] %}
{%- set columns = [
    'source', 'event_id', 'event_type', 'event_name', 'event_ts', 'payload_encoding', 'line',
    'received_at', 'message_id', 'replayed_from',
] %}

with

{%- for domain, table in event_domains().items() %}

lines_of_{{ domain }} as (

    {%- for type in known_event_types() if type.domain == domain %}
    {{ 'union all' if not loop.first }}
    select
        {{ columns_or_nulls(type, (columns + table.typed_columns) | unique) | join(', ') }},
        reject_reason,
        reject_field,
        reject_value
    from {{ ref(type.staging_model) }}
    where {{ arrived_in(window) }}
    {%- endfor %}

),

rivals_of_{{ domain }} as (

    {%- if window.low is none %}
    select * from {{ ref(table.accepted) }}
    {%- else %}
    {%- for look in looks %}
    {{ 'union all' if not loop.first }}
    select accepted.*
    from {{ ref(table.accepted) }} as accepted
    inner join lines_of_{{ domain }} as event
        on
            accepted.source = event.source
            and accepted.event_id = event.event_id
            and {{ look }}
    {%- endfor %}
    {%- endif %}

),
{%- endfor %}

quarantined as (

    select
        {{ columns | join(', ') }},
        reject_reason,
        reject_field,
        reject_value
    from {{ ref('stg_events__unrecognised') }}
    where {{ arrived_in(window) }}

    {%- for domain in event_domains() %}

    union all

    select
        event.{{ columns | join(', event.') }},
        coalesce(event.reject_reason, 'conflicting_duplicate') as reject_reason,
        event.reject_field,
        event.reject_value
    from lines_of_{{ domain }} as event
    left join rivals_of_{{ domain }} as rival
        on
            event.source = rival.source
            and event.event_id = rival.event_id
    where
        event.reject_reason is not null
        or (
            rival.event_id is not null
            and not ({{ same_event(domain, 'event', 'rival') }})
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
        reject_field,
        reject_value,
        cast(received_at as date) as arrival_date
    from numbered
    where line_rank = 1

),

{#- A line that is no longer rejected (a rule was corrected and its arrivals read again) leaves. #}
{{ changed_rows(
    'rejected_lines',
    columns + ['reject_reason', 'reject_field', 'reject_value', 'arrival_date'],
    ['received_at', 'message_id'],
    among='where ' ~ quarantined_in(window)
) }}

select
    cast(source as varchar) as source,
    cast(event_id as varchar) as event_id,
    cast(event_type as varchar) as event_type,
    cast(event_name as varchar) as event_name,
    cast(event_ts as varchar) as event_ts,
    cast(reject_reason as varchar) as reject_reason,
    cast(reject_field as varchar) as reject_field,
    cast(reject_value as varchar) as reject_value,
    cast(payload_encoding as varchar) as payload_encoding,
    cast(line as varchar) as line,
    cast(received_at as {{ type_timestamp6() }}) as received_at,
    cast(message_id as varchar) as message_id,
    cast(replayed_from as varchar) as replayed_from,
    cast(arrival_date as date) as arrival_date,
    {{ processed_at() }} as processed_at
from changed
