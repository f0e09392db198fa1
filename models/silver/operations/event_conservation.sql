{{ config(materialized='view') }}

with

judged as (

    select
        model_name,
        max(window_high) as window_high
    from {{ ref('run_windows') }}
    where model_name in (
        'quarantined_events'
        {%- for table in event_domains().values() %}, '{{ table.accepted }}'{% endfor %}
    )
    group by model_name

),

hours as (

    {{ event_conservation('received_at < (select min(window_high) from judged)') }}

)

select
    cast(arrival_hour as {{ type_timestamp6() }}) as arrival_hour,
    landed_count,
    accepted_count,
    quarantined_count,
    duplicate_count
from hours
