{{ config(materialized='ledger') }}

select
    cast('' as varchar) as model_name,
    cast(timestamp '1970-01-01 00:00:00' as {{ type_timestamp6() }}) as window_high,
    cast('' as varchar) as variables,
    cast('' as varchar) as invocation_id
where false
