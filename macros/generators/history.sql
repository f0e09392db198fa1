{#- Every state that each key of an entity has had, and from when to when (type 2), from the images of its
    rows (`<entity>_versions`): a view, so that a late version takes its place without a merge.

    Versions follow each other by position, and each is valid from the latest time that it or one before it
    was read; of several at one moment the last counts, of neighbours that are alike the first. The
    first known version is valid from 1970-01-01 and marked by is_first_known: what was before it nobody
    knows. A delete ends the version before it. The last is valid to 9999-12-31.

    Example, the whole of models/silver/catalog/products_history.sql:

    {% raw %}{{ history('products') }}{% endraw %} -#}
{% macro history(entity) -%}
{%- set table = accepted_table(entity ~ '_versions') -%}
{%- set keys = ['system'] + table.types[0].key -%}
{%- set columns = table.columns | map(attribute='name') | reject('in', keys) | list -%}
{{ config(enabled=table.is_enabled, materialized='view') }}

with

versions as (

    select * from {{ ref(table.name) }}

),

-- Validity never goes back, though a clock does, or the server that took over is behind.
timed as (

    select
        *,
        max(event_at) over (
            partition by {{ keys | join(', ') }} order by sequence, event_id
        ) as valid_at
    from versions

),

ranked as (

    select
        *,
        row_number() over (
            partition by {{ keys | join(', ') }}, valid_at order by sequence desc, event_id desc
        ) as rank_at_once
    from timed

),

-- Of several at one moment, as of one transaction, the last stands.
neighbours as (

    select
        *,
        {%- for column in ['op'] + columns %}
        lag({{ column }}) over (
            partition by {{ keys | join(', ') }} order by sequence, event_id
        ) as previous_{{ column }},
        {%- endfor %}
        row_number() over (
            partition by {{ keys | join(', ') }} order by sequence, event_id
        ) as place
    from ranked
    where rank_at_once = 1

),

changes as (

    select *
    from neighbours
    where
        place = 1
        or op <> previous_op
        {%- for column in columns %}
        or (op <> 'delete' and {{ column }} is distinct from previous_{{ column }})
        {%- endfor %}

),

spans as (

    select
        *,
        lead(valid_at) over (
            partition by {{ keys | join(', ') }} order by sequence, event_id
        ) as next_at
    from changes

),

states as (

    select
        *,
        case when place = 1 then timestamp '1970-01-01 00:00:00' else valid_at end as valid_from,
        coalesce(next_at, timestamp '9999-12-31 00:00:00') as valid_to,
        next_at is null as is_current,
        place = 1 as is_first_known
    from spans
    where op <> 'delete'

)

select
    {%- for name, type in history_columns(table).items() %}
    cast({{ name }} as {{ engine_type(type) }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from states
{%- endmacro %}

{#- The columns of an entity's history, and their types: {name: type}. -#}
{% macro history_columns(table) -%}
    {{- return(dict(
        columns_of_rows(table),
        valid_from='timestamp(6)',
        valid_to='timestamp(6)',
        is_current='boolean',
        is_first_known='boolean'
    )) -}}
{%- endmacro %}
