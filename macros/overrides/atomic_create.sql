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
    goes leaves statistics. It has to be in a file and committed: kept in the catalog (profiles.yml) it would
    cost more than it saves. Until it is gone the table has a name that nobody reads. -#}
{% macro with_statistics(relation) %}
    {%- set hidden = relation.incorporate(path={'identifier': relation.identifier ~ '__dbt_new'}) %}
    drop table if exists {{ hidden }};
    alter table {{ relation }} rename to {{ adapter.quote(hidden.identifier) }};
    set variable is_empty = not exists (from {{ hidden }});
    insert into {{ hidden }}
        select no_row.*
        from (select 1) as one
        left join {{ hidden }} as no_row on false
        where getvariable('is_empty');
    commit;
    begin transaction;
    delete from {{ hidden }} where getvariable('is_empty');
    alter table {{ hidden }} rename to {{ adapter.quote(relation.identifier) }};
{% endmacro %}

{#- The same for a seed's, if its file has no row. -#}
{% macro duckdb__create_csv_table(model, agate_table) -%}
    {%- set created = dbt.default__create_csv_table(model, agate_table) -%}
    {%- if not agate_table.rows -%}
        {%- call statement('with_statistics') -%}
            {{ with_statistics(this) }}
        {%- endcall -%}
    {%- endif -%}
    {{- return(created) -}}
{%- endmacro %}
