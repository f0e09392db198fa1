{%- set columns = {
    'system': 'varchar',
    'order_id': 'varchar',
    'source': 'varchar',
    'customer_id': 'varchar',
    'status': 'varchar',
    'order_amount': 'decimal(18, 4)',
    'currency_code': 'varchar',
    'channel': 'varchar',
    'city': 'varchar',
    'event_date': 'date',
    'ordered_at': 'timestamp(6)',
    'shipped_at': 'timestamp(6)',
    'delivered_at': 'timestamp(6)',
    'cancelled_at': 'timestamp(6)',
    'status_at': 'timestamp(6)',
} -%}

{%- call rebuilt_keys(
    'orders', 'orders', ['system', 'order_id'], columns, partition_date='event_date',
    rebuild_on=['business_timezone']
) -%}
states as (

    select
        *,
        {{ business_date('ordered_at') }} as event_date
    from changes
    where not is_test

)
{%- endcall %}
