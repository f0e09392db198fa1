{#- The least and the greatest of the keys that a model makes anew, noted for its merge: literals, by
    which Athena leaves out the files of other keys while it plans (Iceberg has the bounds of each
    file). By a join it does so only if the joined keys are there within a second. It prunes well where
    keys grow with time, and costs one small statement where they do not.

    keys    query for the keys
    column  the key's column -#}
{% macro note_key_bounds(keys, column) -%}
    {{- return(adapter.dispatch('note_key_bounds', 'retailpulse')(keys, column)) -}}
{%- endmacro %}

{% macro athena__note_key_bounds(keys, column) -%}
    {%- if can_look_up() and news().is_new -%}
        {%- set query -%}
            select min({{ column }}), max({{ column }}) from ({{ keys }}) as touched
        {%- endset -%}
        {%- set row = run_query(query).rows[0] -%}
        {%- do once('bounds of ' ~ model.name, no_bounds).update(
            {'column': column, 'low': row[0], 'high': row[1]}
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#- DuckDB leaves them out by the join, always: eight literal ranges took 1.6 s where that took 0.8. -#}
{% macro duckdb__note_key_bounds(keys, column) -%}
{%- endmacro %}

{% macro no_bounds() -%}
    {{- return({}) -}}
{%- endmacro %}

{#- A row of `alias` may have one of these keys. -#}
{% macro in_key_bounds(alias) -%}
    {%- set bounds = once('bounds of ' ~ model.name, no_bounds) -%}
    {%- if not bounds -%}
        {{- return('true') -}}
    {%- elif bounds.low is none -%}
        {{- return('false') -}}
    {%- endif -%}
    {{- return(
        alias ~ '.' ~ bounds.column ~ " between '" ~ bounds.low | string | replace("'", "''")
        ~ "' and '" ~ bounds.high | string | replace("'", "''") ~ "'"
    ) -}}
{%- endmacro %}
