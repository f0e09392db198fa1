{{
    config(
        unique_key=['source', 'event_id'],
        partitioned_by=['event_utc_date'],
        meta={'reads_by_arrival': true, 'reads_raw': true, 'merge_lookback': 'conflicts'},
    )
}}

{%- set window = run_window() %}

with

incoming as (

    {{ valid_events('orders', arrived_in(window)) }}

),

incoming_keys as (

    select distinct
        source,
        event_id
    from incoming

),

candidates as (

    select
        *,
        cast(event_at as date) as event_utc_date,
        0 as is_accepted
    from incoming
    {% if is_incremental() %}
    -- The accepted row of the same key takes part, so that the winner is the same whatever arrived
    -- in which run. It is under the same date, or, where two bodies disagree, under a recent one.
    union all
    select
        accepted.source,
        accepted.event_id,
        {% for column in event_domains()['orders'].typed_columns -%}
        accepted.{{ column }},
        {% endfor -%}
        accepted.received_at,
        accepted.message_id,
        accepted.replayed_from,
        accepted.event_utc_date,
        1 as is_accepted
    from {{ this }} as accepted
    inner join incoming_keys
        on
            accepted.source = incoming_keys.source
            and accepted.event_id = incoming_keys.event_id
    where
        accepted.event_utc_date >= date '{{ conflict_lookback_date() }}'
        or accepted.event_utc_date in (select cast(event_at as date) from incoming)
    {% endif %}

),

ranked as (

    select
        *,
        row_number() over (
            partition by source, event_id
            order by received_at, message_id, is_accepted
        ) as arrival_rank
    from candidates

),

winners as (

    select
        source,
        event_id,
        {{ event_domains()['orders'].typed_columns | join(', ') }},
        event_utc_date,
        received_at,
        message_id,
        replayed_from
    from ranked
    where arrival_rank = 1

),

changed as (

    select * from winners
    {% if is_incremental() %}
    -- What is in the table already is not written again: processed_at must say when a row changed.
    except
    select
        source,
        event_id,
        {{ event_domains()['orders'].typed_columns | join(', ') }},
        event_utc_date,
        received_at,
        message_id,
        replayed_from
    from candidates
    where is_accepted = 1
    {% endif %}

)

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
