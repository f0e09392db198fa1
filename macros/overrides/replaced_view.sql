{#- dbt-duckdb makes a view beside the one that is there, renames both and drops the former: up to five
    statements and two commits, after each of which DuckLake reads its catalog again. DuckLake replaces a view
    by one statement, as dbt's own `create_or_replace_view` expects of an adapter. -#}
{% materialization view, adapter='duckdb' -%}
    {%- set replaced = create_or_replace_view() -%}
    {%- do adapter.commit() -%}
    {{- return(replaced) -}}
{%- endmaterialization %}

{% macro duckdb__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced -%}
        {{- get_assert_columns_equivalent(sql) -}}
    {%- endif %}
    create or replace view {{ relation }} as (
        {{ sql }}
    );
{%- endmacro %}
