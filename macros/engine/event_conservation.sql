{#- What became of the raw lines of an accepted table's event types, counted per hour of arrival, each class on
    its own:

    landed       lines in raw
    accepted     rows of the table
    quarantined  rows of its quarantine
    duplicate    valid lines that repeat an accepted row: same key, same typed columns, another delivery

    landed = accepted + quarantined + duplicate, or something was lost or doubled.

    In the fast path's test on Athena the look for arrivals has counted what landed (`landed_by_hour`).

    name      the accepted table; `operations_events` has the lines of no known type, too
    received  condition on received_at that limits the arrivals, the same for every class
    window    {low, high}: the same limit for raw, whose partitions it bounds by literals; none to read
              all of raw -#}
{% macro event_conservation(name, received, window=none) -%}
    {%- set hour = "date_trunc('hour', received_at)" -%}
    {%- set arrived = received ~ (' and ' ~ arrived_in(window) if window is not none else '') -%}
    {#- What the look for arrivals knows is of lately: its counts, and the days that bound what is read. -#}
    {%- set is_recent = can_look_up() and (model.config.meta or {}).get('reads_recent_arrivals') -%}
    {%- set counted = landed_by_hour(model) if is_recent else none -%}
    select
        arrival_hour,
        cast(sum(landed) as bigint) as landed_count,
        cast(sum(accepted) as bigint) as accepted_count,
        cast(sum(quarantined) as bigint) as quarantined_count,
        cast(sum(duplicate) as bigint) as duplicate_count
    from (

        select
            {{ hour if counted is none else 'arrival_hour' }} as arrival_hour,
            {{ 1 if counted is none else 'line_count' }} as landed,
            0 as accepted,
            0 as quarantined,
            0 as duplicate
        {%- if counted is none %}
        from {{ ref('stg_events__landed') }}
        where
            {{ landed_for(name) }}
            and {{ arrived }}
        {%- else %}
        from (
            values
            {#- There is no list of values without one. #}
            {%- for hour, line_count in (counted or {'1970-01-01 00:00:00': 0}).items() %}
            (timestamp '{{ hour }}', {{ line_count }}){{ ',' if not loop.last }}
            {%- endfor %}
        ) as landed (arrival_hour, line_count)
        {%- endif %}

        {%- for table in judged_tables(name) %}

        union all

        select {{ hour }}, 0, 1, 0, 0
        from {{ ref(table.name) }}
        where
            {{ received }}
            {%- if counted is not none %}
            and {{ in_event_days('event_utc_date') }}
            {%- endif %}

        union all

        select {{ hour | replace('received_at', 'event.received_at') }}, 0, 0, 0, 1
        from (
            {{ valid_events(
                table, ['received_at', 'message_id'], arrived, window.low if window else none
            ) }}
        ) as event
        inner join {{ ref(table.name) }} as accepted
            on
                event.source = accepted.source
                and event.event_id = accepted.event_id
                {#- Implied by the rest, but it is what keeps history out of the join. #}
                and cast(event.event_at as date) = accepted.event_utc_date
                and {{ same_event(table, 'event', 'accepted') }}
        where
            (
                event.received_at <> accepted.received_at
                or event.message_id <> accepted.message_id
            )
            {%- if counted is not none %}
            and {{ in_event_days('accepted.event_utc_date') }}
            {%- endif %}
        {%- endfor %}

        union all

        select {{ hour }}, 0, 0, 1, 0
        from {{ ref(quarantine_of(name)) }}
        where {{ received }}

    ) as lines
    group by arrival_hour
{%- endmacro %}

{#- The raw lines that are judged for an accepted table, by the type that they landed under; what is of no
    known type is a matter of `operations`. -#}
{% macro landed_for(name) -%}
    {%- if name == 'operations_events' -%}
        {%- set others = known_event_types() | rejectattr('accepted_model', 'equalto', name)
            | map(attribute='event_type') | join("', '") -%}
        event_type not in ('{{ others }}')
    {%- else -%}
        event_type in ('{{ event_types_by_model()[name] | join("', '") }}')
    {%- endif -%}
{%- endmacro %}

{#- The rows of a conservation test: hours of arrival whose sum does not hold, from `low` (none for all
    arrivals) up to its settled_high. -#}
{% macro unaccounted_hours(name, low=none) -%}
    {%- set high = settled_high(model) -%}
    with

    hours as (

        {{ event_conservation(
            name,
            "received_at < timestamp '" ~ high ~ "'"
            ~ (" and received_at >= timestamp '" ~ low ~ "'" if low is not none else ''),
            {'low': low, 'high': high}
        ) }}

    )

    select *
    from hours
    where landed_count <> accepted_count + quarantined_count + duplicate_count
{%- endmacro %}

{#- From when on a test of the fast path counts: two lookbacks before the high of the last run of its
    quarantine, whose own count ended one before it; none before there is one. -#}
{% macro recent_arrivals_low(node) -%}
    {%- set lows = [] -%}
    {%- for upstream in upstream_incrementals(node) if upstream.name.endswith('_quarantined') -%}
        {%- set last = recorded_windows().get(upstream.name) -%}
        {%- if not last -%}
            {{- return(none) -}}
        {%- endif -%}
        {%- do lows.append(add_minutes(last.high, -2 * lookback_minutes())) -%}
    {%- endfor -%}
    {{- return(lows | min if lows else none) -}}
{%- endmacro %}

{#- Up to when a test of conservation counts: a lookback before what every judging model has read. What
    became visible since may rightly wait for the next run. -#}
{% macro settled_high(node) -%}
    {{- return(add_minutes(window_high(node, recorded_windows()), -lookback_minutes())) -}}
{%- endmacro %}
