{{
    config(
        unique_key=['source', 'order_id'],
        partitioned_by=['order_utc_date'],
        meta={
            'reads_by_arrival': true,
            'reads_silver': true,
            'rebuild_on': ['default_currency_code', 'earliest_event_date'],
            'never_ahead_of': accepted_models() + ['quarantined_events'],
        },
    )
}}

{%- set window = run_window() %}
{#- Not in the branch that uses it: dbt must see the reference while it parses. #}
{%- set quarantined_orders = quarantined_order_ids(window) %}
{%- set columns = [
    'source', 'order_id', 'customer_id', 'status', 'order_amount', 'currency_code', 'ordered_at',
    'shipped_at', 'delivered_at', 'cancelled_at', 'status_at', 'order_utc_date',
] %}
{%- set latest_creation = "event_type = 'order_created' and latest_rank = 1" %}
{%- set latest_status = "event_type = 'order_status_changed' and latest_rank = 1" %}
{%- set ordered_at = "min(case when event_type = 'order_created' then event_at end)" %}

{%- set touched %}
    select
        source,
        order_id
    from {{ ref('order_events') }}
    where {{ written_in(window) }}

    union

    {{ quarantined_orders }}
{%- endset %}
{%- if window.low is not none -%}
    {%- do note_key_ranges(touched, 'order_id') -%}
{%- endif %}

with

{% if window.low is not none -%}
touched as (
    {{ touched }}

),

{% endif -%}
events as (

    select order_events.*
    from {{ ref('order_events') }} as order_events
    {%- if window.low is not none %}
    inner join touched
        on
            order_events.source = touched.source
            and order_events.order_id = touched.order_id
    where {{ in_key_ranges('order_events') }}
    {%- endif %}

),

-- Latest by event time, then by life-cycle rank, then by event_id: nothing depends on arrival.
ranked as (

    select
        *,
        row_number() over (
            partition by source, order_id, event_type
            order by
                event_at desc,
                case status
                    when 'SHIPPED' then 1
                    when 'DELIVERED' then 2
                    when 'CANCELLED' then 3
                end desc,
                event_id desc
        ) as latest_rank
    from events

),

-- Only orders whose creation was accepted; a status that came first waits in order_events.
states as (

    select
        source,
        order_id,
        max(case when {{ latest_creation }} then customer_id end) as customer_id,
        coalesce(max(case when {{ latest_status }} then status end), 'CREATED') as status,
        max(case when {{ latest_creation }} then amount end) as order_amount,
        max(case when {{ latest_creation }} then currency_code end) as currency_code,
        {{ ordered_at }} as ordered_at,
        min(case when status = 'SHIPPED' then event_at end) as shipped_at,
        min(case when status = 'DELIVERED' then event_at end) as delivered_at,
        min(case when status = 'CANCELLED' then event_at end) as cancelled_at,
        coalesce(max(case when {{ latest_status }} then event_at end), {{ ordered_at }})
            as status_at,
        cast({{ ordered_at }} as date) as order_utc_date
    from ranked
    group by source, order_id
    having {{ ordered_at }} is not null

),

{{ changed_rows('states', columns, ['source', 'order_id'], among=(
    'inner join touched on touched.source = existing.source'
    ' and touched.order_id = existing.order_id where ' ~ in_key_ranges('existing')
) if window.low is not none else '') }}

select
    cast(source as varchar) as source,
    cast(order_id as varchar) as order_id,
    cast(customer_id as varchar) as customer_id,
    cast(status as varchar) as status,
    cast(order_amount as decimal(15, 2)) as order_amount,
    cast(currency_code as varchar) as currency_code,
    cast(ordered_at as {{ type_timestamp6() }}) as ordered_at,
    cast(shipped_at as {{ type_timestamp6() }}) as shipped_at,
    cast(delivered_at as {{ type_timestamp6() }}) as delivered_at,
    cast(cancelled_at as {{ type_timestamp6() }}) as cancelled_at,
    cast(status_at as {{ type_timestamp6() }}) as status_at,
    cast(order_utc_date as date) as order_utc_date,
    {{ processed_at() }} as processed_at
from changed
