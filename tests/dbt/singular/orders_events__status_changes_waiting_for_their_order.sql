-- Status changes whose order has not come yet: they wait in silver and count once it does. A number
-- that keeps growing says that a producer of order_created has stopped.
{{ config(severity='warn', tags=['daily']) }}

select orders_events.*
from {{ ref('orders_events') }} as orders_events
left join {{ ref('orders') }} as orders
    on
        orders_events.system = orders.system
        and orders_events.order_id = orders.order_id
where
    orders_events.event_type = 'order_status_changed'
    and orders.order_id is null
