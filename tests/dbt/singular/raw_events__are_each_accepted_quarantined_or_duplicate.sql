-- Over all arrivals. Fails with the hours of arrival in which lines were lost or doubled.
{{
    config(
        tags=['daily'],
        meta={'never_ahead_of': accepted_models() + ['quarantined_events']},
    )
}}

with

hours as (

    {{ event_conservation(high="timestamp '" ~ window_high(model) ~ "'") }}

)

select *
from hours
where landed_count <> accepted_count + quarantined_count + duplicate_count
