-- Over all arrivals. Fails with the hours of arrival in which lines were lost or doubled.
{{ config(tags=['daily']) }}

with

hours as (

    {{ event_conservation(high="timestamp '" ~ judged_until() ~ "'") }}

)

select *
from hours
where landed_count <> accepted_count + quarantined_count + duplicate_count
