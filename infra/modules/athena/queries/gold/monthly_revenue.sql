-- Revenue of the last 12 months, by month and currency.
select
    dim_dates.month_start_date,
    agg_daily_revenue.currency_code,
    sum(agg_daily_revenue.order_count) as order_count,
    sum(agg_daily_revenue.daily_revenue) as revenue
from agg_daily_revenue
inner join dim_dates on agg_daily_revenue.event_date = dim_dates.date_day
where agg_daily_revenue.event_date >= date_trunc('month', current_date - interval '11' month)
group by dim_dates.month_start_date, agg_daily_revenue.currency_code
order by dim_dates.month_start_date, agg_daily_revenue.currency_code
