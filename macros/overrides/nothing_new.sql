{#- The adapters' own incremental materializations and dbt's test, or nothing at all where nothing is new:
    a domain without arrivals sends no statement. A model whose documented columns are not all in its table
    runs, so that a new column is there as soon as it is deployed. -#}
{% materialization incremental, adapter='athena' -%}
    {%- if is_up_to_date() -%}
        {{- return(left_as_it_is()) -}}
    {%- endif -%}
    {%- if is_merged_at_once() -%}
        {%- do store_raw_result(name='main', message='MERGE', code='MERGE', rows_affected=-1) -%}
        {%- do adapter.expire_glue_table_versions(this, 1, False) -%}
        {{- return({'relations': [this.incorporate(type='table')]}) -}}
    {%- endif -%}
    {{- return(dbt.materialization_incremental_athena()) -}}
{%- endmaterialization %}

{% materialization incremental, adapter='duckdb' -%}
    {%- if is_up_to_date() -%}
        {{- return(left_as_it_is()) -}}
    {%- endif -%}
    {{- return(dbt.materialization_incremental_duckdb()) -}}
{%- endmaterialization %}

{#- Of the tests those of the fast path alone, which look at what this run wrote. -#}
{% materialization test, default -%}
    {%- if 'fast' in config.get('tags', []) and wrote_nothing_upstream() -%}
        {%- do store_raw_result(
            name='main', message='nothing new', code='NOTHING NEW', rows_affected=0,
            agate_table=kept('recorded windows').passed
        ) -%}
        {{- return({'relations': []}) -}}
    {%- endif -%}
    {{- return(dbt.materialization_test_default()) -}}
{%- endmaterialization %}

{% macro is_up_to_date() -%}
    {{- return(
        can_look_up() and has_history(model) and has_documented_columns() and not has_work(model)
    ) -}}
{%- endmacro %}

{% macro left_as_it_is() -%}
    {%- do store_raw_result(
        name='main', message='nothing new', code='NOTHING NEW', rows_affected=0
    ) -%}
    {{- return({'relations': [this.incorporate(type='table')]}) -}}
{%- endmacro %}

{#- Whether this run builds the incremental models upstream of a test and has nothing new for any. -#}
{% macro wrote_nothing_upstream() -%}
    {%- set upstream = upstream_incrementals(model) -%}
    {%- if arrivals() is none or not upstream or 'passed' not in kept('recorded windows') -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- for node in upstream if node.unique_id not in selected_resources or has_work(node) -%}
        {{- return(false) -}}
    {%- endfor -%}
    {{- return(true) -}}
{%- endmacro %}

{#- Whether the model's table has each column of the model's YAML. On Athena Glue says; no statement is
    sent. -#}
{% macro has_documented_columns() -%}
    {%- set existing = column_names(adapter.get_columns_in_relation(this)) -%}
    {{- return(model.columns | reject('in', existing) | list | length == 0) -}}
{%- endmacro %}

{% macro column_names(columns) -%}
    {{- return(columns | map(attribute='name') | map('lower') | list) -}}
{%- endmacro %}
