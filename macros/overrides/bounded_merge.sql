{#- Every merge of the project goes through here, on both engines, by overriding the adapters' merge
    macros. Two rules that an incremental_predicates config, fixed at parse time, cannot say:

    1. The merge is bounded to literal partitions: those of its source rows and those where the
       target holds their keys now (a partition may move: measured on DuckLake, without the old one the
       old row stays beside the new). Never narrower than the source rows, because a match outside the
       predicate is silently inserted as a duplicate.
    2. A source row whose partition column is NULL says that its key is gone: it deletes. (A partition
       date is never NULL in a table.) -#}

{#- Called by dbt-athena's incremental materialization, which then sends what this returns. The adapter's
    own macro sends the merge to see whether it opens too many partitions (Athena's limit is 100), and
    then returns a `select` with the outcome, which is billed too. Here the partitions are known. -#}
{% macro iceberg_merge(
    on_schema_change, tmp_relation, target_relation, unique_key, incremental_predicates,
    existing_relation, delete_condition, update_condition, insert_condition, force_batch,
    statement_name="main"
) -%}
    {%- do assert_contract(tmp_relation) -%}
    {%- set columns = process_schema_changes(on_schema_change, tmp_relation, existing_relation) -%}
    {%- set touched = touched_partitions(tmp_relation, target_relation, unique_key) -%}
    {%- if touched is none -%}
        {{- return("select 'nothing to merge'") -}}
    {%- endif -%}
    {%- set partition_column = config.require('partitioned_by')[0] -%}
    {%- set in_touched = in_partitions('target.' ~ partition_column, touched.dates) -%}
    {%- set is_gone = 'src.' ~ partition_column ~ ' is null' -%}
    {%- set is_there = 'src.' ~ partition_column ~ ' is not null' -%}
    {%- if touched.dates | length > 100 -%}
        {{- return(dbt.iceberg_merge(
            'ignore', tmp_relation, target_relation, unique_key, [in_touched], existing_relation,
            is_gone, update_condition, is_there, true, statement_name
        )) -}}
    {%- endif -%}
    {%- set names = columns | map(attribute='quoted') | list -%}
    merge into {{ target_relation }} as target
    using {{ tmp_relation }} as src
    on (
        {{ in_touched }}
        {%- for key in unique_key %}
        and target.{{ key }} = src.{{ key }}
        {%- endfor %}
    )
    when matched and {{ is_gone }} then delete
    when matched then update set
        {%- for name in names %}
        {{ name }} = src.{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    when not matched and {{ is_there }} then
        insert ({{ names | join(', ') }})
        values (src.{{ names | join(', src.') }})
{%- endmacro %}

{#- DuckLake's MERGE takes one update or delete action, so gone keys are deleted first, in the same
    transaction. -#}
{% macro duckdb__get_incremental_merge_sql(args_dict) -%}
    {%- set src = args_dict['temp_relation'] -%}
    {%- set dest = args_dict['target_relation'] -%}
    {%- set unique_key = args_dict['unique_key'] -%}
    {%- set touched = touched_partitions(src, dest, unique_key) -%}
    {%- if touched is none -%}
        {{- return("select 'nothing to merge'") -}}
    {%- endif -%}
    {%- set partition_column = config.require('partitioned_by')[0] -%}
    {%- set delete_gone_keys -%}
        delete from {{ dest }} as DBT_INTERNAL_DEST
        using {{ src }} as gone
        where
            gone.{{ partition_column }} is null
            and {{ in_partitions('DBT_INTERNAL_DEST.' ~ partition_column, touched.dates) }}
            {%- for key in unique_key %}
            and gone.{{ key }} = DBT_INTERNAL_DEST.{{ key }}
            {%- endfor %};
    {%- endset -%}
    {{- return((delete_gone_keys if touched.has_gone else '') ~ duckdb__get_merge_sql(
        dest,
        '(select * from ' ~ src ~ ' where ' ~ partition_column ~ ' is not null)',
        unique_key,
        args_dict['dest_columns'],
        [in_partitions('DBT_INTERNAL_DEST.' ~ partition_column, touched.dates)]
    )) -}}
{%- endmacro %}

{#- What merging `src` into `dest` touches: {'dates': of its partitions, sorted, 'has_gone': whether a
    key is gone}; none where `src` has no row. A model says in `meta.keys_move` where its keys may be
    now: `anywhere`, the default; `recently`, where the key decides the date in all but the documented
    exception and the last days are searched (variable conflict_lookback_days); `never`, where the key
    decides the date. A key that is gone gives no date, and is sought everywhere. -#}
{% macro touched_partitions(src, dest, unique_key) -%}
    {%- set partition_column = config.require('partitioned_by')[0] -%}
    {%- set keys_move = config.get('meta', {}).get('keys_move', 'anywhere') -%}
    {%- set query -%}
        select distinct {{ partition_column }} as touched_date
        from {{ src }}
        {%- if keys_move != 'never' %}
        union all
        {{ dates_of_keys(dest, src, unique_key, partition_column) }}
        {%- if keys_move == 'recently' %}
        where dest.{{ partition_column }} >= date '{{ conflict_lookback_date() }}'
        {%- endif %}
        {%- endif %}
        {%- if keys_move != 'anywhere' %}
        union all
        {{ dates_of_keys(
            dest,
            '(select * from ' ~ src ~ ' where ' ~ partition_column ~ ' is null)',
            unique_key,
            partition_column
        ) }}
        {%- endif %}
    {%- endset -%}
    {%- set found = run_query(query).columns[0].values() -%}
    {%- if found | length == 0 -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set dates = [] -%}
    {%- for date in found | reject('none') -%}
        {%- do dates.append(date | string | truncate(10, true, '')) -%}
    {%- endfor -%}
    {{- return({'dates': dates | unique | sort, 'has_gone': none in found}) -}}
{%- endmacro %}

{#- The dates under which `dest` holds the keys of `src`. -#}
{% macro dates_of_keys(dest, src, unique_key, partition_column) -%}
    select distinct dest.{{ partition_column }} as touched_date
    from {{ dest }} as dest
    inner join {{ src }} as src
        on
        {%- for key in unique_key %}
            {{ 'and ' if not loop.first }}dest.{{ key }} = src.{{ key }}
        {%- endfor %}
            and {{ in_key_ranges('dest') }}
{%- endmacro %}

{#- `column` is in the partitions `dates`, as literals. A range where the list would be long: Athena
    takes statements of 262,144 bytes at most, and a range is never narrower. -#}
{% macro in_partitions(column, dates) -%}
    {%- if dates | length == 0 -%}
        {{- return('false') -}}
    {%- elif dates | length > 500 -%}
        {{- return(
            column ~ " between date '" ~ dates | first ~ "' and date '" ~ dates | last ~ "'"
        ) -}}
    {%- endif -%}
    {{- return(column ~ " in (date '" ~ dates | join("', date '") ~ "')") -}}
{%- endmacro %}

{#- The first day that a look for an event under another date covers (variable
    conflict_lookback_days); every day where a model reads again what it has read long ago, as a changed
    rule can accept an earlier body of any event. -#}
{% macro conflict_lookback_date() -%}
    {%- if var('backfill', none) or run_window().low is none -%}
        {{- return('1970-01-01') -}}
    {%- endif -%}
    {%- set minutes = var('conflict_lookback_days') | int * 24 * 60 -%}
    {{- return(add_minutes(run_at(), -minutes)[:10]) -}}
{%- endmacro %}
