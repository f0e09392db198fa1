-- Revenue of the last 30 days, by business day and currency.
select
    event_date,
    currency_code,
    order_count,
    gross_revenue,
    cancelled_revenue,
    refunded_revenue,
    daily_revenue,
    average_order_value
from agg_daily_revenue
where event_date >= current_date - interval '30' day
order by event_date, currency_code
