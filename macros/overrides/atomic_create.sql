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
    {%- set partitions = columns | join(', ') if columns else none -%}
    {%- if temporary or language != 'sql' or not takes_statistics(relation, sorted_by) -%}
        {{- dbt.duckdb__create_table_as(
            temporary, relation, compiled_code, language, partitioned_by=partitions, sorted_by=sorted_by
        ) -}}
    {%- else -%}
        {%- set no_rows = 'select * from (' ~ compiled_code ~ ') as model_subq where false' -%}
        {{- dbt.duckdb__create_table_as(
            false, relation, no_rows, language, partitioned_by=partitions
        ) }}
        {{ with_statistics(relation) }}
        insert into {{ relation }} (
            {{ get_select_subquery(compiled_code) if config.get('contract').enforced else compiled_code }}
        );
    {%- endif -%}
{%- endmacro %}

{#- Whether a table that is made can be given statistics: it is new, and not made beside one that it will
    replace, as each `table` and each full refresh is; nothing forbids a row of NULLs; and dbt-duckdb has begun
    a transaction, which it does not for one that is sorted. -#}
{% macro takes_statistics(relation, sorted_by) -%}
    {%- set constrained = model.constraints or model.columns.values() | selectattr('constraints') | list -%}
    {{- return(not (relation.identifier.endswith('__dbt_tmp') or constrained or sorted_by)) -}}
{%- endmacro %}

{#- DuckLake 1.5 keeps no statistics of a table that never had a row, and asks its catalog for them again for
    each column that a query reads: 40 ms for a table of 20 columns where 3 are enough, so that a view of 15
    empty tables took 0.3 s to plan (duckdb/ducklake pull request 1313, in DuckDB 2). A row that comes and
    goes leaves statistics. It has to be in a file and committed: kept in the catalog (profiles.yml) it would
    cost more than it saves. Until it is gone the table has another name, and only then do its own rows come:
    DuckLake merges no files that were written before and after a table was renamed. -#}
{% macro with_statistics(relation) %}
    {%- set hidden = relation.incorporate(path={'identifier': relation.identifier ~ '__dbt_new'}) %}
    drop table if exists {{ hidden }};
    alter table {{ relation }} rename to {{ adapter.quote(hidden.identifier) }};
    insert into {{ hidden }}
        select no_row.* from (select 1) as one left join {{ hidden }} as no_row on false;
    commit;
    begin transaction;
    delete from {{ hidden }};
    alter table {{ hidden }} rename to {{ adapter.quote(relation.identifier) }};
{%- endmacro %}

{#- The same for a new seed's, which loads its rows in the same transaction. -#}
{% macro duckdb__create_csv_table(model, agate_table) -%}
    {%- set created = dbt.default__create_csv_table(model, agate_table) -%}
    {%- call statement('with_statistics') -%}
        {{ with_statistics(this) }}
    {%- endcall -%}
    {{- return(created) -}}
{%- endmacro %}
