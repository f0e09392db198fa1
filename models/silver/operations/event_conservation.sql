{{ config(materialized='view') }}

{%- set domains = (['operations'] + event_domains()) | unique | sort %}

with

windows as (

    select * from {{ ref('run_windows') }}

),

-- Up to when all that judges a domain's lines has read.
judged as (

    select
        domain,
        min(window_high) as window_high
    from (
        select
            window_high,
            case
                {%- for domain in domains %}
                when
                    model_name in (
                        '{{ domain }}_quarantined'
                        {%- for table in accepted_tables(domain) %},
                        '{{ table.name }}'
                        {%- endfor %}
                    )
                    then '{{ domain }}'
                {%- endfor %}
            end as domain
        from windows
    ) as judging
    where domain is not null
    group by domain

),

landed as (

    select
        landed.*,
        judged.window_high
    from (
        select
            case
                {%- for domain in event_domains() if domain != 'operations' %}
                when {{ of_domain(domain) }} then '{{ domain }}'
                {%- endfor %}
                else 'operations'
            end as domain,
            source,
            event_id,
            received_at,
            message_id
        from {{ ref('stg_events__landed') }}
    ) as landed
    inner join judged
        on landed.domain = judged.domain
    where landed.received_at < judged.window_high

),

accepted as (

    {%- for table in accepted_tables() %}
    {{ 'union all' if not loop.first }}
    select
        cast('{{ table.domain }}' as varchar) as domain,
        source,
        event_id,
        received_at,
        message_id
    from {{ ref(table.name) }}
    {%- endfor %}

),

quarantined as (

    select * from {{ ref('quarantined_events') }}

),

counted as (

    select
        domain,
        received_at,
        1 as landed,
        0 as accepted,
        0 as quarantined,
        0 as duplicate
    from landed

    union all

    select
        accepted.domain,
        accepted.received_at,
        0 as landed,
        1 as accepted,
        0 as quarantined,
        0 as duplicate
    from accepted
    inner join judged
        on accepted.domain = judged.domain
    where accepted.received_at < judged.window_high

    union all

    select
        quarantined.domain,
        quarantined.received_at,
        0 as landed,
        0 as accepted,
        1 as quarantined,
        0 as duplicate
    from quarantined
    inner join judged
        on quarantined.domain = judged.domain
    where quarantined.received_at < judged.window_high

    union all

    -- Another delivery of what is accepted, and not in quarantine. (Of a domain's tables one alone
    -- has an event.)
    select
        landed.domain,
        landed.received_at,
        0 as landed,
        0 as accepted,
        0 as quarantined,
        1 as duplicate
    from landed
    inner join accepted
        on
            landed.domain = accepted.domain
            and landed.source = accepted.source
            and landed.event_id = accepted.event_id
    left join quarantined
        on
            landed.received_at = quarantined.received_at
            and landed.message_id = quarantined.message_id
    where
        quarantined.message_id is null
        and (
            landed.received_at <> accepted.received_at
            or landed.message_id <> accepted.message_id
        )

)

select
    cast(domain as varchar) as domain,
    cast(date_trunc('hour', received_at) as {{ type_timestamp6() }}) as arrival_hour,
    cast(sum(landed) as bigint) as landed_count,
    cast(sum(accepted) as bigint) as accepted_count,
    cast(sum(quarantined) as bigint) as quarantined_count,
    cast(sum(duplicate) as bigint) as duplicate_count
from counted
group by domain, date_trunc('hour', received_at)
