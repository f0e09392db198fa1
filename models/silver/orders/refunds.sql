{%- set columns = {
    'system': 'varchar',
    'refund_id': 'varchar',
    'order_id': 'varchar',
    'source': 'varchar',
    'refund_amount': 'decimal(18, 4)',
    'currency_code': 'varchar',
    'reason': 'varchar',
    'refunded_at': 'timestamp(6)',
    'event_date': 'date',
} -%}

{%- call rebuilt_keys(
    'orders_events', ['system', 'refund_id'], columns, partition_date='event_date',
    rebuild_on=['business_timezone']
) -%}
-- Latest by event time, then by event_id and source, the key: nothing depends on arrival.
ranked as (

    select
        *,
        amount as refund_amount,
        min(event_at) over (partition by system, refund_id) as refunded_at,
        row_number() over (
            partition by system, refund_id order by event_at desc, event_id desc, source desc
        ) as latest_rank
    from changes
    where event_type = 'order_refunded'

),

states as (

    select
        *,
        {{ business_date('refunded_at') }} as event_date
    from ranked
    where latest_rank = 1

)
{%- endcall %}
