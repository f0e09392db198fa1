{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('conformed_customers_history') }}

)

select
    cast(system as varchar) as system,
    cast(customer_id as varchar) as customer_id,
    cast(coalesce(customer_name, 'unknown') as varchar) as customer_name,
    cast(email as varchar) as email,
    cast(coalesce(city, 'unknown') as varchar) as city,
    cast(coalesce(country_code, 'unknown') as varchar) as country_code,
    cast(sales_employee_id as varchar) as sales_employee_id,
    cast(valid_from as {{ type_timestamp6() }}) as valid_from,
    cast(valid_to as {{ type_timestamp6() }}) as valid_to,
    cast(is_current as boolean) as is_current,
    cast(is_first_known as boolean) as is_first_known
from customers
