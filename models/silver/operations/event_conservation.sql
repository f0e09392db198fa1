{{ config(materialized='view') }}

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
                {%- for name in judged_names() %}
                when model_name in ('{{ name }}', '{{ quarantine_of(name) }}')
                    then '{{ domain_judged(name) }}'
                {%- endfor %}
            end as domain
        from windows
    ) as judging
    where domain is not null
    group by domain

),

landed as (

    select
        case
            {%- for table in accepted_tables() if table.domain != 'operations' %}
            when {{ landed_for(table.name) }} then '{{ table.domain }}'
            {%- endfor %}
            else 'operations'
        end as domain,
        source,
        event_id,
        received_at,
        message_id
    from {{ ref('stg_events__landed') }}

),

accepted as (

    {%- for table in enabled_tables() %}
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

-- Another delivery of what is accepted, and not in quarantine. (Of a domain's tables one alone has
-- an event.)
repeated as (

    select
        landed.domain,
        landed.received_at
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

),

lines as (

    {%- for outcome in ['landed', 'accepted', 'quarantined', 'repeated'] %}
    {{ 'union all' if not loop.first }}
    select
        domain,
        received_at,
        '{{ outcome }}' as outcome
    from {{ outcome }}
    {%- endfor %}

)

select
    cast(lines.domain as varchar) as domain,
    cast(date_trunc('hour', lines.received_at) as {{ type_timestamp6() }}) as arrival_hour,
    {%- for outcome, column in {
        'landed': 'landed_count',
        'accepted': 'accepted_count',
        'quarantined': 'quarantined_count',
        'repeated': 'duplicate_count',
    }.items() %}
    cast(sum(case when lines.outcome = '{{ outcome }}' then 1 else 0 end) as bigint)
        as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from lines
inner join judged
    on lines.domain = judged.domain
where lines.received_at < judged.window_high
group by lines.domain, date_trunc('hour', lines.received_at)
