-- Orders by current status, and how long the oldest of them have been in it.
select
    status,
    currency_code,
    order_count,
    order_amount,
    oldest_status_at
from agg_order_status
order by status, currency_code
