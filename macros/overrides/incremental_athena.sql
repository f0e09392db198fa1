{#- dbt-athena's own incremental materialization, or nothing at all where nothing is new: it sends three
    billed statements to find out that a model has nothing to merge. A model whose documented columns
    are not all in its table runs, so that a new column is there as soon as it is deployed. -#}
{% materialization incremental, adapter='athena' -%}
    {%- if can_look_up() and has_history(model) and has_documented_columns() and not news().is_new -%}
        {%- do store_raw_result(
            name='main', message='nothing new', code='NOTHING NEW', rows_affected=0
        ) -%}
        {{- return({'relations': [this.incorporate(type='table')]}) -}}
    {%- endif -%}
    {{- return(dbt.materialization_incremental_athena()) -}}
{%- endmaterialization %}

{#- Whether the model's table has each column of the model's YAML. Glue says; no statement is sent. -#}
{% macro has_documented_columns() -%}
    {%- set existing = column_names(adapter.get_columns_in_relation(this)) -%}
    {{- return(model.columns | reject('in', existing) | list | length == 0) -}}
{%- endmacro %}

{% macro column_names(columns) -%}
    {{- return(columns | map(attribute='name') | map('lower') | list) -}}
{%- endmacro %}
