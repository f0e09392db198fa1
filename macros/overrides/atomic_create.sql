{#- dbt-duckdb creates a partitioned DuckLake table in three commits (create, set partitioned by,
    insert), so a reader can meet it empty and a killed run leaves it so. DuckLake can do all three in
    one transaction (tried on 1.5.5): these overrides hide the partitioning from the materialization,
    which then opens its usual transaction, and give it back where the statement is made. -#}
{% macro duckdb__get_partitioned_by(relation, temporary) -%}
    {{- return(none) -}}
{%- endmacro %}

{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none
) -%}
    {%- set columns = none if temporary else config.get('partitioned_by') -%}
    {{- return(dbt.duckdb__create_table_as(
        temporary, relation, compiled_code, language,
        partitioned_by=columns | join(', ') if columns else none,
        sorted_by=sorted_by
    )) -}}
{%- endmacro %}
