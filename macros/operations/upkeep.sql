{#- `dbt run-operation upkeep`: daily care of the tables, on the embedded lake. Merges the small
    files that incremental runs leave, expires snapshots older than `keep_hours`, and removes the
    files that nothing refers to any more. Readers and the writer go on meanwhile. -#}
{% macro upkeep(keep_hours=24) -%}
    {{- return(adapter.dispatch('upkeep', 'retailpulse')(keep_hours | int)) -}}
{%- endmacro %}

{#- Files with deleted rows are rewritten first, and all of them: DuckLake 1.5.5 merges no file that
    has any, so that by its default threshold (95 % deleted) the partitions of a table that is
    updated kept a file and a list of deletions for each run. -#}
{% macro duckdb__upkeep(keep_hours) -%}
    {%- set lake = target.database -%}
    {%- set steps = [
        ("flush small rows to files", "call ducklake_flush_inlined_data('" ~ lake ~ "')"),
        ("rewrite files with deleted rows",
            "call ducklake_rewrite_data_files('" ~ lake ~ "', delete_threshold => 0)"),
        ("merge small files", "call ducklake_merge_adjacent_files('" ~ lake ~ "')"),
        ("expire snapshots",
            "call ducklake_expire_snapshots('" ~ lake ~ "', older_than => now() - interval '"
            ~ keep_hours ~ "' hour)"),
        ("remove expired files",
            "call ducklake_cleanup_old_files('" ~ lake ~ "', older_than => now() - interval '"
            ~ keep_hours ~ "' hour)"),
        ("remove orphans",
            "call ducklake_delete_orphaned_files('" ~ lake ~ "', older_than => now() - interval '"
            ~ [keep_hours, 1] | max ~ "' hour)"),
    ] -%}
    {%- for name, statement in steps -%}
        {%- do log('upkeep: ' ~ name, info=true) -%}
        {%- do run_query(statement) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro athena__upkeep(keep_hours) -%}
    {%- do exceptions.raise_compiler_error(
        'upkeep is for the embedded lake; Athena tables are kept by OPTIMIZE and VACUUM'
    ) -%}
{%- endmacro %}
