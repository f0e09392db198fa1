-- Everything gold knows of one order; put its id in the place of o100.
select
    order_id,
    source,
    customer_id,
    status,
    order_amount,
    currency_code,
    ordered_at,
    shipped_at,
    delivered_at,
    cancelled_at,
    processed_at
from fact_orders
where order_id = 'o100'
