{{ config(materialized='view') }}

with

employees as (

    select * from {{ rows_of('wholesale_employees') }}

)

select
    cast(system as varchar) as system,
    cast(employee_number as varchar) as employee_id,
    cast(first_name as varchar) as first_name,
    cast(last_name as varchar) as last_name,
    cast(email as varchar) as email,
    cast(job_title as varchar) as job_title,
    cast(office_code as varchar) as office_id,
    cast(reports_to as varchar) as manager_id,
    cast(changed_at as {{ type_timestamp6() }}) as changed_at
from employees
