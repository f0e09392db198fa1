{%- set columns = {
    'system': 'varchar',
    'refund_id': 'varchar',
    'order_id': 'varchar',
    'source': 'varchar',
    'refund_amount': 'decimal(18, 4)',
    'currency_code': 'varchar',
    'reason': 'varchar',
    'event_date': 'date',
    'refunded_at': 'timestamp(6)',
} -%}

{%- call rebuilt_keys(
    'refunds', 'orders', ['system', 'refund_id'], columns, partition_date='event_date',
    rebuild_on=['business_timezone']
) -%}
states as (

    select
        *,
        {{ business_date('refunded_at') }} as event_date
    from changes

)
{%- endcall %}
