{#- The rows of a source's table, to read from: its model `<entity>` or `<entity>_history`, or, of a source
    that is disabled (`disabled_sources`), a query of the same columns without rows, which costs nothing.

    name  the model

    Example: models/silver/conformed/conformed_customers.sql. -#}
{% macro rows_of(name) -%}
    {%- set is_history = name.endswith('_history') -%}
    {%- set table = accepted_table((name[:-8] if is_history else name) ~ '_versions') -%}
    {%- if table.is_enabled -%}
        {{- return(ref(name)) -}}
    {%- endif -%}
    {%- set columns = history_columns(table) if is_history
        else dict(state_columns(table), processed_at='timestamp(6)') -%}
    {%- set nulls = [] -%}
    {%- for column, type in columns.items() -%}
        {%- do nulls.append('        cast(null as ' ~ engine_type(type) ~ ') as ' ~ column) -%}
    {%- endfor -%}
    {{- return('(\n    select\n' ~ nulls | join(',\n') ~ '\n    where false\n) as no_rows') -}}
{%- endmacro %}
