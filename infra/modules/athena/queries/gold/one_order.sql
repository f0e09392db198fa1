-- Everything gold knows of the orders of one id, one a system; put the id in the place of o100.
select
    system,
    order_id,
    source,
    customer_id,
    status,
    order_amount,
    currency_code,
    channel,
    city,
    ordered_at,
    shipped_at,
    delivered_at,
    cancelled_at,
    processed_at
from fact_orders
where order_id = 'o100'
