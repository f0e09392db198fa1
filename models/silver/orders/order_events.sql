{{
    config(
        unique_key=['source', 'event_id'],
        partitioned_by=['event_utc_date'],
        meta={'reads_by_arrival': true, 'reads_raw': true, 'merge_lookback': 'conflicts'},
    )
}}

{%- set window = run_window() %}
{%- set typed_columns = event_domains()['orders'].typed_columns %}

with

incoming as (

    {{ valid_events('orders', arrived_in(window)) }}

),

ranked as (

    select
        *,
        cast(event_at as date) as event_utc_date,
        row_number() over (
            partition by source, event_id order by received_at, message_id
        ) as arrival_rank
    from incoming

),

first_arrivals as (

    select * from ranked
    where arrival_rank = 1

),

{%- if is_incremental() %}

-- What is accepted already under the same keys: on the same day, or, where two bodies disagree
-- about the day, on a recent one.
accepted as (

    select
        accepted.*,
        row_number() over (
            partition by accepted.source, accepted.event_id
            order by accepted.received_at, accepted.message_id
        ) as arrival_rank
    from {{ this }} as accepted
    inner join first_arrivals
        on
            accepted.source = first_arrivals.source
            and accepted.event_id = first_arrivals.event_id
    where
        accepted.event_utc_date >= date '{{ conflict_lookback_date() }}'
        or accepted.event_utc_date in (select days.event_utc_date from first_arrivals as days)

),

-- Only what is new, what arrived before the accepted one after all, and, in a backfill, what is
-- read differently now: processed_at must say when a row changed.
changed as (

    select first_arrivals.*
    from first_arrivals
    left join accepted
        on
            first_arrivals.source = accepted.source
            and first_arrivals.event_id = accepted.event_id
            and accepted.arrival_rank = 1
    where
        accepted.event_id is null
        or first_arrivals.received_at < accepted.received_at
        or (
            first_arrivals.received_at = accepted.received_at
            and first_arrivals.message_id < accepted.message_id
        )
        or (
            first_arrivals.received_at = accepted.received_at
            and first_arrivals.message_id = accepted.message_id
            {%- if comparable_columns(typed_columns) == typed_columns %}
            and not ({{ same_event('orders', 'first_arrivals', 'accepted') }})
            {%- endif %}
        )

)
{%- else %}

changed as (

    select * from first_arrivals

)
{%- endif %}

select
    cast(source as varchar) as source,
    cast(event_id as varchar) as event_id,
    cast(event_type as varchar) as event_type,
    cast(order_id as varchar) as order_id,
    cast(customer_id as varchar) as customer_id,
    cast(status as varchar) as status,
    cast(amount as decimal(15, 2)) as amount,
    cast(currency_code as varchar) as currency_code,
    cast(event_at as {{ type_timestamp6() }}) as event_at,
    cast(event_utc_date as date) as event_utc_date,
    cast(received_at as {{ type_timestamp6() }}) as received_at,
    cast(message_id as varchar) as message_id,
    cast(replayed_from as varchar) as replayed_from,
    {{ processed_at() }} as processed_at
from changed
