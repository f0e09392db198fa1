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
    {{- dbt.duckdb__create_table_as(
        temporary, relation, compiled_code, language,
        partitioned_by=columns | join(', ') if columns else none,
        sorted_by=sorted_by
    ) -}}
    {%- set constrained = model.constraints or model.columns.values() | selectattr('constraints') | list -%}
    {#- A constraint may forbid a row of NULLs. -#}
    {{- with_statistics(relation) if not temporary and not constrained -}}
{%- endmacro %}

{#- DuckLake 1.5 keeps no statistics of a table that never had a row, and asks its catalog for them again for
    each column that a query reads: 40 ms for a table of 20 columns where 3 are enough, so that a view of 15
    empty tables took 0.3 s to plan (duckdb/ducklake pull request 1313, in DuckDB 2). A row that comes and
    goes within the transaction leaves statistics, and no file. -#}
{% macro with_statistics(relation) %}
    set variable is_empty = not exists (from {{ relation }});
    insert into {{ relation }}
        select no_row.*
        from (select 1) as one
        left join {{ relation }} as no_row on false
        where getvariable('is_empty');
    delete from {{ relation }} where getvariable('is_empty');
{% endmacro %}

{#- The same for a seed's. -#}
{% macro duckdb__create_csv_table(model, agate_table) -%}
    {%- set created = dbt.default__create_csv_table(model, agate_table) -%}
    {%- call statement('with_statistics') -%}
        {{ with_statistics(this) }}
    {%- endcall -%}
    {{- return(created) -}}
{%- endmacro %}
