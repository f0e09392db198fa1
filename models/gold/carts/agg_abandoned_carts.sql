{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('carts_events') }}

),

-- A cart may be abandoned more than once; the latest counts, by event time, then by event_id.
ranked as (

    select
        *,
        row_number() over (
            partition by system, cart_id order by event_at desc, event_id desc
        ) as latest_rank
    from events
    where event_type = 'cart_abandoned'

),

carts as (

    select
        *,
        {{ business_date('event_at') }} as event_date
    from ranked
    where latest_rank = 1

)

select
    cast(event_date as date) as event_date,
    cast(currency_code as varchar) as currency_code,
    cast(count(*) as bigint) as cart_count,
    cast(count(customer_id) as bigint) as known_customer_cart_count,
    cast(sum(amount) as decimal(38, 4)) as abandoned_amount,
    {{ divide_amount('sum(amount)', 'count(*)') }} as average_cart_value
from carts
group by event_date, currency_code
