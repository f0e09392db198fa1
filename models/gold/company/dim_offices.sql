{{ config(materialized='view') }}

with

offices as (

    select * from {{ rows_of('wholesale_offices') }}

)

select
    cast(system as varchar) as system,
    cast(office_code as varchar) as office_id,
    cast(city as varchar) as city,
    cast(country as varchar) as country_code,
    cast(phone as varchar) as phone,
    cast(territory as varchar) as territory,
    cast(changed_at as {{ type_timestamp6() }}) as changed_at
from offices
