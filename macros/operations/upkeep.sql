{#- `dbt run-operation upkeep`: daily care of the tables. Merges the small files that incremental runs
    leave, expires old snapshots, and removes the files that nothing refers to any more. Readers go on
    meanwhile.

    keep_hours  how old a snapshot may become; none for the variable `snapshot_keep_hours` -#}
{% macro upkeep(keep_hours=none) -%}
    {%- set hours = var('snapshot_keep_hours') if keep_hours is none else keep_hours -%}
    {{- return(adapter.dispatch('upkeep', 'retailpulse')(hours | int)) -}}
{%- endmacro %}

{% macro duckdb__upkeep(keep_hours) -%}
    {%- set lake = target.database -%}
    {%- do compact() -%}
    {%- do run_steps([
        ("expire snapshots",
            "call ducklake_expire_snapshots('" ~ lake ~ "', older_than => now() - interval '"
            ~ keep_hours ~ "' hour)"),
        ("remove expired files",
            "call ducklake_cleanup_old_files('" ~ lake ~ "', older_than => now() - interval '"
            ~ keep_hours ~ "' hour)"),
    ]) -%}
    {%- do delete_orphans(lake, [keep_hours, 1] | max) -%}
{%- endmacro %}

{#- DuckLake takes each file of its folder for an orphan whose path is not, letter for letter, one that
    its catalog gives: with a data path of `x//data/` that was every file. So none is deleted where the
    catalog names one of them, by its name, which is unique. -#}
{% macro delete_orphans(lake, keep_hours) -%}
    {%- set orphans -%}
        ducklake_delete_orphaned_files(
            '{{ lake }}', older_than => now() - interval '{{ keep_hours }}' hour
    {%- endset -%}
    {%- set named -%}
        with named as (

            select parse_filename(path) as file_name
            from __ducklake_metadata_{{ lake }}.ducklake_data_file
            union all
            select parse_filename(path)
            from __ducklake_metadata_{{ lake }}.ducklake_delete_file

        )

        select
            count(*),
            min(orphans.path)
        from {{ orphans }}, dry_run => true) as orphans
        where parse_filename(orphans.path) in (select file_name from named)
    {%- endset -%}
    {%- do log('remove orphans', info=true) -%}
    {%- set count, example = run_query(named).rows[0].values() -%}
    {%- if count -%}
        {%- do exceptions.raise_compiler_error(
            'upkeep took ' ~ count ~ ' files for orphans that the catalog names, e.g. ' ~ example
            ~ ', and deleted none: check that RETAILPULSE_HOME is the folder that dbt build uses, and '
            ~ 'report this if it is'
        ) -%}
    {%- endif -%}
    {%- do run_query('call ' ~ orphans ~ ')') -%}
{%- endmacro %}

{#- OPTIMIZE and VACUUM are repeated until Athena no longer answers MORE_RUNS_NEEDED. Each commit leaves
    a version of the table in Glue, of which an account has a limited number; a run that was killed
    leaves its temporary tables, and a rebuild the tables of before. Run it alone: what it takes for left
    over is another run's otherwise. -#}
{% macro athena__upkeep(keep_hours) -%}
    {%- do stop_at_former_tables() -%}
    {%- for relation in written_tables() -%}
        {%- do log('upkeep: ' ~ relation.render_pure(), info=true) -%}
        {%- set properties = ["'vacuum_max_snapshot_age_seconds' = '" ~ keep_hours * 3600 ~ "'"] -%}
        {%- for name, value in file_properties().items() -%}
            {%- do properties.append("'" ~ name ~ "' = '" ~ value ~ "'") -%}
        {%- endfor -%}
        {%- do run_query(
            'alter table ' ~ relation.render_hive() ~ ' set tblproperties ('
            ~ properties | join(', ') ~ ')'
        ) -%}
        {%- do merge_small_files(relation) -%}
        {%- do adapter.run_operation_with_potential_multiple_runs(
            'vacuum ' ~ relation.render_pure(), 'vacuum'
        ) -%}
        {%- do adapter.expire_glue_table_versions(relation, 1, false) -%}
    {%- endfor -%}
    {%- for schema in [target.schema, target.schema ~ '_silver'] -%}
        {%- for relation in adapter.list_relations_without_caching(
                api.Relation.create(database=target.database, schema=schema)
            )
            if '__dbt_tmp' in relation.identifier or '__tmp_not_partitioned' in relation.identifier
            or '__before_' in relation.identifier and is_older(relation, keep_hours)
        -%}
            {%- do log('upkeep: drop ' ~ relation.render_pure(), info=true) -%}
            {%- do drop_relation(relation) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{#- Whether a table has had its name in Glue for so long. -#}
{% macro is_older(relation, hours) -%}
    {%- set age = run_started_at - adapter.get_glue_table(relation).Table.CreateTime -%}
    {{- return(age.total_seconds() > hours * 3600) -}}
{%- endmacro %}

{#- `dbt run-operation compact`: merges the small files alone; on Athena hourly. Each fast run leaves two
    files in each day that it touches, and the next opens all of them: the fourth after a compaction sent
    2.5 times the GETs of the first (benchmarks/athena-cost.md). -#}
{% macro compact() -%}
    {{- return(adapter.dispatch('compact', 'retailpulse')()) -}}
{%- endmacro %}

{#- Files with deleted rows are rewritten first, and all of them: DuckLake 1.5.5 merges no file that
    has any, so that by its default threshold (95 % deleted) the partitions of a table that is
    updated kept a file and a list of deletions for each run. -#}
{% macro duckdb__compact() -%}
    {%- set lake = target.database -%}
    {%- do run_steps([
        ("flush small rows to files", "call ducklake_flush_inlined_data('" ~ lake ~ "')"),
        ("rewrite files with deleted rows",
            "call ducklake_rewrite_data_files('" ~ lake ~ "', delete_threshold => 0)"),
        ("merge small files", "call ducklake_merge_adjacent_files('" ~ lake ~ "')"),
    ]) -%}
{%- endmacro %}

{% macro athena__compact() -%}
    {%- do stop_at_former_tables() -%}
    {%- for relation in written_tables() -%}
        {%- do log('compact: ' ~ relation.render_pure(), info=true) -%}
        {%- do merge_small_files(relation) -%}
        {%- do adapter.expire_glue_table_versions(relation, 1, false) -%}
    {%- endfor -%}
{%- endmacro %}

{#- Statements by what they do. -#}
{% macro run_steps(steps) -%}
    {%- for name, statement in steps -%}
        {%- do log(name, info=true) -%}
        {%- do run_query(statement) -%}
    {%- endfor -%}
{%- endmacro %}

{#- The tables that runs add to, of those that are there. -#}
{% macro written_tables() -%}
    {%- set relations = [] -%}
    {%- for node in graph.nodes.values() if node.config.materialized in ('incremental', 'ledger') -%}
        {%- do relations.append(load_relation(api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.alias
        ))) -%}
    {%- endfor -%}
    {{- return(relations | reject('none') | list) -}}
{%- endmacro %}

{% macro merge_small_files(relation) -%}
    {%- do adapter.run_operation_with_potential_multiple_runs(
        'optimize ' ~ relation.render_pure() ~ ' rewrite data using bin_pack', 'optimize'
    ) -%}
{%- endmacro %}
