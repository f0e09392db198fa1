-- Refunds of orders that have not come within a day. They are taken off revenue all the same, as
-- totals tie to the till.
{{ config(severity='warn', tags=['daily']) }}

select refunds.*
from {{ ref('refunds') }} as refunds
left join {{ ref('orders') }} as orders
    on
        refunds.system = orders.system
        and refunds.order_id = orders.order_id
where
    orders.order_id is null
    and refunds.refunded_at < {{ dbt.dateadd('day', -1, "timestamp '" ~ run_at() ~ "'") }}
