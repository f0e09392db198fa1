{#- The scaffold of a state that is written by hand: for each key that changed since the model's last
    success its rows are rebuilt from all that is known of it. The caller writes the business: CTEs that
    end in one named `states`, from one named `changes`, all rows of `from_model` with these keys.

    from_model      the accepted table whose rows the state is made of; the quarantine beside it knows the
                    keys of rows that were taken away
    keys            the key: `system` and the fields of the entity's, columns of from_model. By the first of
                    these, its id, is read and rebuilt: keys that share it are rebuilt together
    columns         the columns of `states`, and their types: {name: type}
    partition_date  of these, the date that decides the partition
    rebuild_on      variables that change the result

    Example: models/silver/orders/orders.sql. -#}
{% macro rebuilt_keys(from_model, keys, columns, partition_date, rebuild_on=[]) -%}
{{ config(
    enabled=accepted_table(from_model).is_enabled,
    materialized='incremental',
    incremental_strategy='merge',
    on_schema_change='append_new_columns',
    contract={'enforced': true},
    unique_key=keys,
    partitioned_by=partitioned_by(partition_date),
    table_properties=file_properties(),
    meta={
        'partition_date': partition_date,
        'rebuild_on': ['earliest_event_date', 'default_currency_code', 'systems'] + rebuild_on,
    },
) }}

{%- if is_up_to_date() -%}
    {{- return(nothing_to_do()) -}}
{%- endif -%}

{%- set window = run_window() %}
{%- set id = keys[1] %}
{#- Not in the branch that uses it: dbt must see the reference while it parses. #}
{%- set quarantined = quarantined_keys(from_model, id, window) %}
{%- set written %}
    select
        system,
        {{ id }}
    from {{ ref(from_model) }}
    where {{ written_in(window) }}

    union

    {{ quarantined }}
{%- endset %}
{%- set touched = arrived_keys(accepted_table(from_model), id) or written %}
{%- if window.low is not none -%}
    {%- do note_key_ranges(from_model, touched, id) -%}
{%- endif %}

with

{% if window.low is not none -%}
touched as (
    {{ touched }}

),

{% endif -%}
changes as (

    select changes.*
    from {{ ref(from_model) }} as changes
    {%- if window.low is not none %}
    inner join touched
        on
            changes.system = touched.system
            and changes.{{ id }} = touched.{{ id }}
    where {{ in_key_ranges('changes') }}
    {%- endif %}

),

{{ caller() | trim }},

{#- A key of several fields is not known by its id alone: the table says which there are. #}
{%- if is_merged_at_once() and keys | length == 2 %}
{{ rows_to_compare('states', columns.keys() | list, keys, 'touched') }}
{%- else %}
{{ changed_rows('states', columns.keys() | list, keys, among=(
    'inner join touched on touched.system = existing.system and touched.' ~ id ~ ' = existing.' ~ id
    ~ ' where ' ~ in_key_ranges('existing')
) if window.low is not none else '') }}
{%- endif %}

select
    {%- for name, type in columns.items() %}
    cast({{ name }} as {{ engine_type(type) }}) as {{ name }},
    {%- endfor %}
    {{ processed_at() }} as processed_at
from changed
{%- endmacro %}
