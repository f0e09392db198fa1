{{ config(materialized='view') }}

with

webshop_users as (

    select * from {{ rows_of('webshop_dim_users') }}

),

wholesale_customers as (

    select * from {{ rows_of('wholesale_customers') }}

),

of_all_sources as (

    select
        'webshop' as origin,
        system,
        id as customer_id,
        name as customer_name,
        email,
        city,
        cast(null as varchar) as country_code,
        cast(null as varchar) as sales_employee_id,
        changed_at,
        processed_at
    from webshop_users

    union all

    select
        'wholesale' as origin,
        system,
        customer_number as customer_id,
        customer_name,
        cast(null as varchar) as email,
        city,
        country as country_code,
        cast(sales_employee_number as varchar) as sales_employee_id,
        changed_at,
        processed_at
    from wholesale_customers

),

conformed as (

    {{- by_authority(
        'customers', 'of_all_sources', ['system', 'customer_id'], ['webshop', 'wholesale']
    ) }}

)

select
    cast(system as varchar) as system,
    cast(customer_id as varchar) as customer_id,
    cast(origin as varchar) as origin,
    cast(customer_name as varchar) as customer_name,
    cast(email as varchar) as email,
    cast(city as varchar) as city,
    cast(country_code as varchar) as country_code,
    cast(sales_employee_id as varchar) as sales_employee_id,
    cast(changed_at as {{ type_timestamp6() }}) as changed_at,
    cast(processed_at as {{ type_timestamp6() }}) as processed_at
from conformed
