-- Statuses of databases' orders that the variable order_statuses does not have: their orders are
-- kept, as UNKNOWN, and counted, until it has.
{{ config(severity='warn', tags=['daily']) }}

select
    origin,
    source_status,
    count(*) as order_count
from {{ ref('conformed_orders') }}
where status = 'UNKNOWN'
group by origin, source_status
