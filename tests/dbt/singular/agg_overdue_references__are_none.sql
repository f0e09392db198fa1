-- Customers, products, orders and departments that facts name and no source has told of in time.
-- The facts count all the same: totals tie to the till.
{{ config(severity='warn', tags=['daily']) }}

select * from {{ ref('agg_overdue_references') }}
