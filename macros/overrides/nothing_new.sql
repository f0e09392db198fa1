{#- The adapters' own incremental materializations and dbt's test, or nothing at all where nothing is new:
    what has no arrivals sends no statement. A model whose documented columns are not all in its table
    runs, so that a new column is there as soon as it is deployed.

    Its SQL is not rendered either (`nothing_to_do`): of 26 types with news of one, rendering took two
    thirds of a fast run on DuckDB. -#}
{% materialization incremental, adapter='athena' -%}
    {%- if is_up_to_date() -%}
        {{- return(left_as_it_is()) -}}
    {%- endif -%}
    {%- if is_merged_at_once() and merge_at_once() -%}
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

{#- Whether an incremental model is left as it is in this run. -#}
{% macro is_up_to_date() -%}
    {%- if not can_look_up() or model.resource_type != 'model' or arrivals() is none -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set known = kept('up to date') -%}
    {%- if model.unique_id not in known -%}
        {%- do known.update({
            model.unique_id: has_history(model) and not has_work(model) and has_documented_columns(),
        }) -%}
    {%- endif -%}
    {{- return(known[model.unique_id]) -}}
{%- endmacro %}

{#- In the place of a model's or a test's SQL that is not sent in this run. -#}
{% macro nothing_to_do() -%}
    select 'nothing new: not run' as problem where false
{%- endmacro %}

{% macro left_as_it_is() -%}
    {%- do store_raw_result(
        name='main', message='nothing new', code='NOTHING NEW', rows_affected=0
    ) -%}
    {{- return({'relations': [this.incorporate(type='table')]}) -}}
{%- endmacro %}

{#- Whether this run builds the incremental models upstream of a test and has nothing new for any. -#}
{% macro wrote_nothing_upstream() -%}
    {%- if not can_look_up() or arrivals() is none or 'passed' not in kept('recorded windows') -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set upstream = upstream_incrementals(model) -%}
    {%- if not upstream -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- for node in upstream if node.unique_id not in selected_resources or has_work(node) -%}
        {{- return(false) -}}
    {%- endfor -%}
    {{- return(true) -}}
{%- endmacro %}

{#- Whether the model's table has each column of the model's YAML. -#}
{% macro has_documented_columns() -%}
    {{- return(model.columns | reject('in', columns_before_this_run(this)) | list | length == 0) -}}
{%- endmacro %}
