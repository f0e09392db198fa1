-- Status changes whose order has not come yet: they wait in silver and count once it does. A number
-- that keeps growing says that a producer of order_created has stopped.
{{ config(severity='warn', tags=['daily']) }}

select order_events.*
from {{ ref('order_events') }} as order_events
left join {{ ref('orders') }} as orders
    on
        order_events.source = orders.source
        and order_events.order_id = orders.order_id
where orders.order_id is null
