-- Orders that two sources say they created. If they mean different orders by one id, the variable
-- `systems` tells them apart; now the later creation corrects the other.
{{ config(severity='warn', tags=['daily']) }}

select
    system,
    order_id
from {{ ref('orders_events') }}
where event_type = 'order_created'
group by system, order_id
having count(distinct source) > 1
