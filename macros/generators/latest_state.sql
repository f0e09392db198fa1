{#- The latest state of each key of an entity, from the images of its rows (`<entity>_versions`): the
    version at the last position; a key whose last version is a delete is not there.

    Example, the whole of models/silver/catalog/products.sql:

    {% raw %}{{ latest_state('products') }}{% endraw %} -#}
{% macro latest_state(entity) -%}
{%- set table = accepted_table(entity ~ '_versions') -%}
{%- set keys = ['system'] + table.types[0].key -%}
{%- set columns = state_columns(table) -%}
{%- call rebuilt_keys(table.name, keys, columns, partition_date='first_seen_date') -%}
ranked as (

    select
        *,
        event_at as changed_at,
        min(event_utc_date) over (partition by {{ keys | join(', ') }}) as first_seen_date,
        row_number() over (
            partition by {{ keys | join(', ') }}
            order by sequence desc, event_id desc, source desc
        ) as latest_rank
    from changes

),

states as (

    select {{ columns.keys() | join(',\n        ') }}
    from ranked
    where
        latest_rank = 1
        and op <> 'delete'

)
{%- endcall -%}
{%- endmacro %}

{#- The columns of an entity's latest state but `processed_at`, and their types: {name: type}. -#}
{% macro state_columns(table) -%}
    {{- return(dict(columns_of_rows(table), changed_at='timestamp(6)', first_seen_date='date')) -}}
{%- endmacro %}
