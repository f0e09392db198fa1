{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        on_schema_change='append_new_columns',
        unique_key=['order_id'],
        partitioned_by=['event_date'],
        meta={
            'reads_by_arrival': true,
            'reads_silver': true,
            'rebuild_on': [
                'business_timezone',
                'authoritative_order_source',
                'default_currency_code',
                'earliest_event_date',
            ],
            'never_ahead_of': ['orders'],
        },
    )
}}

{%- set window = run_window() %}
{#- Not in the branch that uses it: dbt must see the reference while it parses. #}
{%- set quarantined_orders = quarantined_order_ids(window) %}
{%- set authority = (var('authoritative_order_source') or '') | replace("'", "''") %}
{%- set columns = [
    'order_id', 'source', 'customer_id', 'status', 'order_amount', 'currency_code', 'event_date',
    'ordered_at', 'shipped_at', 'delivered_at', 'cancelled_at', 'status_at',
] %}

{%- set touched %}
    select order_id from {{ ref('orders') }}
    where {{ written_in(window) }}

    union

    select order_id from ({{ quarantined_orders }}) as quarantined_orders
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
orders as (

    select orders.*
    from {{ ref('orders') }} as orders
    {%- if window.low is not none %}
    inner join touched
        on orders.order_id = touched.order_id
    where {{ in_key_ranges('orders') }}
    {%- endif %}

),

-- Two sources that claim one order_id must not double revenue: one of them counts, always the same.
ranked as (

    select
        *,
        row_number() over (
            partition by order_id
            order by
                case
                    when source = '{{ authority }}' then 0
                    else 1
                end,
                source
        ) as claim_rank
    from orders

),

facts as (

    select
        *,
        {{ business_date('ordered_at') }} as event_date
    from ranked
    where claim_rank = 1

),

{{ changed_rows('facts', columns, ['order_id'], among=(
    'inner join touched on touched.order_id = existing.order_id where ' ~ in_key_ranges('existing')
) if window.low is not none else '') }}

select
    cast(order_id as varchar) as order_id,
    cast(source as varchar) as source,
    cast(customer_id as varchar) as customer_id,
    cast(status as varchar) as status,
    cast(order_amount as decimal(15, 2)) as order_amount,
    cast(currency_code as varchar) as currency_code,
    cast(event_date as date) as event_date,
    cast(ordered_at as {{ type_timestamp6() }}) as ordered_at,
    cast(shipped_at as {{ type_timestamp6() }}) as shipped_at,
    cast(delivered_at as {{ type_timestamp6() }}) as delivered_at,
    cast(cancelled_at as {{ type_timestamp6() }}) as cancelled_at,
    cast(status_at as {{ type_timestamp6() }}) as status_at,
    {{ processed_at() }} as processed_at
from changed
