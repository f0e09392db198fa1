-- A cancelled order stays cancelled, and its revenue is taken off; that it was delivered as well is
-- for somebody to look at.
{{ config(severity='warn', tags=['daily']) }}

select *
from {{ ref('orders') }}
where
    delivered_at is not null
    and cancelled_at is not null
