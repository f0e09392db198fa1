{#- What became of the raw lines, counted per hour of arrival, each class on its own:

    landed       lines in raw
    accepted     rows of the silver event tables
    quarantined  rows of quarantined_events
    duplicate    valid lines that repeat an accepted row: same key, same typed columns, another delivery

    landed = accepted + quarantined + duplicate, or something was lost or doubled.

    high  SQL expression or literal: arrivals from there on are left out, silver has not read them yet
    low   a literal timestamp to count from, none for all arrivals -#}
{% macro event_conservation(high, low=none) -%}
    {%- set window -%}
        received_at < {{ high }}
        {%- if low is not none %} and received_at >= {{ low }}{% endif -%}
    {%- endset %}
    {%- set hour = "date_trunc('hour', received_at)" %}

    select
        arrival_hour,
        cast(sum(landed) as bigint) as landed_count,
        cast(sum(accepted) as bigint) as accepted_count,
        cast(sum(quarantined) as bigint) as quarantined_count,
        cast(sum(duplicate) as bigint) as duplicate_count
    from (

        select {{ hour }} as arrival_hour, 1 as landed, 0 as accepted, 0 as quarantined, 0 as duplicate
        from {{ ref('stg_events__landed') }}
        where {{ window }}
        {%- if low is not none %} and dt >= cast(cast({{ low }} as date) as varchar){% endif %}

        {%- for domain, table in event_domains().items() %}

        union all

        select {{ hour }}, 0, 1, 0, 0
        from {{ ref(table.accepted) }}
        where {{ window }}

        {%- for type in known_event_types() if type.domain == domain %}

        union all

        select {{ hour | replace('received_at', 'event.received_at') }}, 0, 0, 0, 1
        from {{ ref(type.staging_model) }} as event
        inner join {{ ref(table.accepted) }} as accepted
            on
                event.source = accepted.source
                and event.event_id = accepted.event_id
                and {{ same_event(domain, 'event', 'accepted') }}
        where
            event.reject_reason is null
            and (
                event.received_at <> accepted.received_at
                or event.message_id <> accepted.message_id
            )
            and {{ window | replace('received_at', 'event.received_at') }}
        {%- endfor %}
        {%- endfor %}

        union all

        select {{ hour }}, 0, 0, 1, 0
        from {{ ref('quarantined_events') }}
        where {{ window }}

    ) as lines
    group by arrival_hour
{%- endmacro %}
