{{ config(materialized='table') }}

{#- Counted here and not by dbt.date_spine, which asks the warehouse how many days there are: the
    Athena gate compiles without one. -#}
{#- A day before the first event's in UTC: west of it, its business day is the day before. #}
{%- set first_day = modules.datetime.date.fromisoformat(var('earliest_event_date'))
    - modules.datetime.timedelta(days=1) %}
{%- set day_count = (modules.datetime.date(2100, 1, 1) - first_day).days %}

with

numbers as (

    {{ dbt.generate_series(day_count) }}

),

dates as (

    select
        cast(
            {{ dbt.dateadd(
                'day',
                'cast(generated_number as integer) - 1',
                "cast('" ~ first_day ~ "' as date)"
            ) }} as date
        ) as date_day
    from numbers

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
