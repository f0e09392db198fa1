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
    'is_test': 'boolean',
    'items': 'varchar',
    'ordered_at': 'timestamp(6)',
    'shipped_at': 'timestamp(6)',
    'delivered_at': 'timestamp(6)',
    'cancelled_at': 'timestamp(6)',
    'status_at': 'timestamp(6)',
    'event_date': 'date',
} -%}
{%- set latest_creation = "event_type = 'order_created' and latest_rank = 1" -%}
{%- set latest_status = "event_type = 'order_status_changed' and latest_rank = 1" -%}
{%- set ordered_at = "min(case when event_type = 'order_created' then event_at end)" -%}

{%- call rebuilt_keys(
    'orders_events', ['system', 'order_id'], columns, partition_date='event_date',
    rebuild_on=['business_timezone']
) -%}
-- The life cycle decides before the time: a cancelled order stays cancelled, and one that is
-- delivered is not shipped again, whatever was told later. Then the latest by event time, then by
-- event_id and source, the key: nothing depends on arrival.
ranked as (

    select
        *,
        row_number() over (
            partition by system, order_id, event_type
            order by
                case status
                    when 'SHIPPED' then 1
                    when 'DELIVERED' then 2
                    when 'CANCELLED' then 3
                    else 0
                end desc,
                event_at desc,
                event_id desc,
                source desc
        ) as latest_rank
    from changes

),

-- Only orders whose creation was accepted; a status that came first waits in orders_events.
states as (

    select
        system,
        order_id,
        max(case when {{ latest_creation }} then source end) as source,
        max(case when {{ latest_creation }} then customer_id end) as customer_id,
        coalesce(max(case when {{ latest_status }} then status end), 'CREATED') as status,
        max(case when {{ latest_creation }} then amount end) as order_amount,
        max(case when {{ latest_creation }} then currency_code end) as currency_code,
        max(case when {{ latest_creation }} then channel end) as channel,
        max(case when {{ latest_creation }} then city end) as city,
        coalesce(max(case when {{ latest_creation }} and is_test then 1 end), 0) = 1 as is_test,
        max(case when {{ latest_creation }} then items end) as items,
        {{ ordered_at }} as ordered_at,
        min(case when status = 'SHIPPED' then event_at end) as shipped_at,
        min(case when status = 'DELIVERED' then event_at end) as delivered_at,
        min(case when status = 'CANCELLED' then event_at end) as cancelled_at,
        coalesce(max(case when {{ latest_status }} then event_at end), {{ ordered_at }})
            as status_at,
        {{ business_date(ordered_at) }} as event_date
    from ranked
    group by system, order_id
    having {{ ordered_at }} is not null

)
{%- endcall %}
