{#- A silver table of accepted events: each (source, event_id) once, the first to arrive.

    accepted_events(domain)     the facts of a domain, `<domain>_events`
    accepted_versions(entity)   the images of rows of one type, `<entity>_versions`

    Example, the whole of models/silver/carts/carts_events.sql:

    {% raw %}{{ accepted_events('carts') }}{% endraw %} -#}
{% macro accepted_events(domain) -%}
    {{- retailpulse.accepted(domain ~ '_events') -}}
{%- endmacro %}

{% macro accepted_versions(entity) -%}
    {{- retailpulse.accepted(entity ~ '_versions') -}}
{%- endmacro %}

{% macro accepted(name) -%}
{%- set table = accepted_table(name) -%}
{{ config(
    enabled=table.is_enabled,
    contract={'enforced': true},
    unique_key=['source', 'event_id'],
    partitioned_by=partitioned_by('event_utc_date', 'timeliness'),
    table_properties=file_properties(),
    meta={
        'partition_date': 'event_utc_date',
        'reads_raw': true,
        'rebuild_on': ['default_currency_code', 'earliest_event_date', 'systems'],
        'keys_move': 'recently',
    },
) }}

{%- if is_up_to_date() -%}
    {{- return(nothing_to_do()) -}}
{%- endif -%}

{%- set window = run_window() %}
{%- set typed_columns = typed_columns(table) %}
{%- set lineage = ['received_at', 'message_id', 'replayed_from'] %}
{%- set accepted_since = conflict_lookback_date() %}
{%- set since_low = "accepted.received_at >= timestamp '" ~ window.low ~ "'"
    if window.low is not none else 'true' %}

with

incoming as (

    {{ valid_events(
        table, lineage,
        arrived_in(window) ~ ' and ' ~ was_looked_at(table),
        window.low
    ) }}

),

ranked as (

    select
        *,
        cast(event_at as date) as event_utc_date,
        row_number() over (
            partition by source, event_id order by received_at, message_id
        ) as arrival_rank
    from incoming

),

first_arrivals as (

    select
        *,
        {{ system_of('source') }} as system
    from ranked
    where arrival_rank = 1

),

{%- if is_incremental() %}

-- An accepted row whose own line lies in the window must be what the window says now. One from
-- before it stands; one from after it gives way. What is the same is not written again, so that
-- processed_at says when a row changed.
{%- if is_merged_at_once() %}
{%- do note_update_condition(
    "target.received_at >= timestamp '" ~ window.low ~ "'"
    ~ ' and not (src.received_at = target.received_at and src.message_id = target.message_id)'
) %}

changed as (

    select * from first_arrivals

),
{%- else %}

-- What is accepted already under the same keys: on the same day, or, where two bodies disagree
-- about the day, on a recent one. Apart, so that the days of the incoming events bound the first
-- and a literal the second: neither reads history.
accepted as (

    select
        *,
        row_number() over (
            partition by source, event_id order by received_at, message_id
        ) as arrival_rank
    from (

        select accepted.*
        from {{ this }} as accepted
        inner join first_arrivals
            on
                accepted.source = first_arrivals.source
                and accepted.event_id = first_arrivals.event_id
                and accepted.event_utc_date = first_arrivals.event_utc_date
        where
            accepted.event_utc_date < date '{{ accepted_since }}'
            and {{ in_event_days('accepted.event_utc_date') }}

        union all

        select accepted.*
        from {{ this }} as accepted
        inner join first_arrivals
            on
                accepted.source = first_arrivals.source
                and accepted.event_id = first_arrivals.event_id
        where accepted.event_utc_date >= date '{{ accepted_since }}'

    ) as accepted

),

changed as (

    select first_arrivals.*
    from first_arrivals
    left join accepted
        on
            first_arrivals.source = accepted.source
            and first_arrivals.event_id = accepted.event_id
            and accepted.arrival_rank = 1
    where
        accepted.event_id is null
        {%- if comparable_columns(typed_columns + ['system']) == typed_columns + ['system'] %}
        or (
            {{ since_low }}
            and not (
                first_arrivals.received_at = accepted.received_at
                and first_arrivals.message_id = accepted.message_id
                {#- A line is read in another way than before only where a rule changed, which is
                    for a backfill: a fast run need not read the columns of all days it touches. #}
                {%- if reads_history() %}
                and accepted.system = first_arrivals.system
                and {{ same_event(table, 'first_arrivals', 'accepted') }}
                {%- endif %}
            )
        )
        {%- else %}
        or {{ since_low }}
        {%- endif %}

),
{%- endif %}

-- Accepted once, and rejected now that its line is read again: it is deleted, as bounded_merge does
-- with a row without a partition date.
deleted as (

    select
        accepted.source,
        accepted.event_id,
        -- No first arrival matches: that is how each of these is NULL in its own type.
        {%- for column in typed_columns + ['system', 'event_utc_date'] + lineage %}
        first_arrivals.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ this }} as accepted
    left join first_arrivals
        on
            accepted.source = first_arrivals.source
            and accepted.event_id = first_arrivals.event_id
    where
        first_arrivals.event_id is null
        and accepted.received_at < timestamp '{{ window.high }}'
        and {{ since_low }}

),

written as (

    select
        source,
        event_id,
        {%- for column in typed_columns + ['system', 'event_utc_date'] + lineage %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from changed

    union all

    select * from deleted

)
{%- else %}

written as (

    select * from first_arrivals

)
{%- endif %}

select
    cast(source as varchar) as source,
    cast(event_id as varchar) as event_id,
    cast(event_type as varchar) as event_type,
    cast(system as varchar) as system,
    {%- if table.kind == 'row' %}
    cast(op as varchar) as op,
    cast(sequence as varchar) as sequence,
    {%- endif %}
    {%- for column in table.columns %}
    cast({{ column.name }} as {{ engine_type(column.data_type) }}) as {{ column.name }},
    {%- endfor %}
    cast(event_at as {{ type_timestamp6() }}) as event_at,
    cast(event_utc_date as date) as event_utc_date,
    cast(
        case when event_at < received_at - interval '6' hour then 'late' else 'on_time' end as varchar
    ) as timeliness,
    cast(received_at as {{ type_timestamp6() }}) as received_at,
    cast(message_id as varchar) as message_id,
    cast(replayed_from as varchar) as replayed_from,
    {{ processed_at() }} as processed_at
from written
{%- endmacro %}
