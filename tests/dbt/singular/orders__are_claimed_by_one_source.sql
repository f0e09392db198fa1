-- An order_id that two sources claim. fact_orders counts one of them (authoritative_order_source).
{{ config(severity='warn', tags=['daily']) }}

select order_id
from {{ ref('orders') }}
group by order_id
having count(*) > 1
