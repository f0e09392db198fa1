-- The same over what arrived since the last run, for the five-minute path.
{{
    config(
        tags=['fast'],
        meta={'never_ahead_of': accepted_models() + ['quarantined_events']},
    )
}}

{%- set high = window_high(model) %}
{%- set last = last_success('quarantined_events').high %}
{%- set low = none %}
{%- if last %}
    {%- set low = "timestamp '" ~ add_minutes(last, -var('lookback_minutes')) ~ "'" %}
{%- endif %}

with

hours as (

    {{ event_conservation(high="timestamp '" ~ high ~ "'", low=low) }}

)

select *
from hours
where landed_count <> accepted_count + quarantined_count + duplicate_count
