{{ config(materialized='table') }}

with

days as (

    {{ dbt.date_spine(
        'day',
        "cast('" ~ var('earliest_event_date') ~ "' as date)",
        "cast('2100-01-01' as date)"
    ) }}

),

dates as (

    select cast(date_day as date) as date_day
    from days

)

select
    cast(date_day as date) as date_day,
    cast(extract(year from date_day) as bigint) as year_number,
    cast(extract(quarter from date_day) as bigint) as quarter_of_year,
    cast(extract(month from date_day) as bigint) as month_of_year,
    cast(extract(day from date_day) as bigint) as day_of_month,
    cast({{ iso_day_of_week('date_day') }} as bigint) as day_of_week,
    cast(date_trunc('week', date_day) as date) as week_start_date,
    cast(date_trunc('month', date_day) as date) as month_start_date,
    cast({{ iso_day_of_week('date_day') }} in (6, 7) as boolean) as is_weekend
from dates
