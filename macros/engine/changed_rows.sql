{#- CTEs that end in `changed`: what merging `fresh` into the model's own table has to write, and no
    more, so that a run with nothing new writes nothing and processed_at says when a row changed.

    fresh    name of a CTE with the rows as they should be, for all keys that this run rebuilds
    columns  the columns of fresh
    keys     the unique key
    among    clause that limits the model's table, as `existing`, to the keys this run rebuilds: one
             of these that fresh lacks is deleted, and comes out with its key and nothing else, not even a
             partition date (bounded_merge deletes it). Keys are given by an inner join: on DuckDB
             `exists` read all of ten million rows, where the join reads the files it needs. -#}
{% macro changed_rows(fresh, columns, keys, among) -%}
{%- if not is_incremental() -%}
changed as (

    select {{ columns | join(', ') }}
    from {{ fresh }}

)
{%- else -%}
existing as (

    select existing.{{ comparable_columns(columns) | join(', existing.') }}
    from {{ this }} as existing
    {{ among }}

),

{#- One pass over each: Trino runs a CTE as often as it is named. -#}
changed as (

    select
        {%- for column in columns %}
        {%- if column in keys %}
        coalesce(fresh.{{ column }}, existing.{{ column }}) as {{ column }}
        {%- else %}
        fresh.{{ column }}
        {%- endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ fresh }} as fresh
    full outer join existing
        on
        {%- for key in keys %}
            {{ 'and ' if not loop.first }}fresh.{{ key }} = existing.{{ key }}
        {%- endfor %}
    {%- if comparable_columns(columns) == columns %}
    {#- Where one side is missing they differ in the partition date, which is never NULL. #}
    where
        {%- for column in columns if column not in keys %}
        {{ 'or ' if not loop.first }}fresh.{{ column }} is distinct from existing.{{ column }}
        {%- endfor %}
    {%- endif %}

)
{%- endif -%}
{%- endmacro %}

{#- The same where the merge compares: the rows of all keys that this run rebuilds.

    rebuilt  name of a CTE with these keys; one that `fresh` lacks comes out with nothing else -#}
{% macro rows_to_compare(fresh, columns, keys, rebuilt) -%}
{%- set others = columns | reject('in', keys) | list -%}
{%- set differs = [] -%}
{%- for column in others -%}
    {%- do differs.append('target.' ~ column ~ ' is distinct from src.' ~ column) -%}
{%- endfor -%}
{%- do note_update_condition(differs | join(' or ')) -%}
changed as (

    select
        {{ rebuilt }}.{{ keys | join(', ' ~ rebuilt ~ '.') }},
        fresh.{{ others | join(',\n        fresh.') }}
    from {{ rebuilt }}
    left join {{ fresh }} as fresh
        on
        {%- for key in keys %}
            {{ 'and ' if not loop.first }}{{ rebuilt }}.{{ key }} = fresh.{{ key }}
        {%- endfor %}

)
{%- endmacro %}

{#- Of `columns`, those that the model's table has. All of them, but in the one run after a column was
    added to the model: its rows cannot be compared then and are written whole. -#}
{% macro comparable_columns(columns) -%}
    {#- In a unit test `this` is the name of a fixture. -#}
    {%- set known = columns_before_this_run(this) if can_look_up() and this is not string else [] -%}
    {{- return(columns | select('in', known) | list if known else columns) -}}
{%- endmacro %}

{#- The names of the columns that the model's own table has before this run writes to it; none where there
    is no table. Looked up once: on Athena in Glue for each table, without a statement; on DuckDB for all
    tables together, as each time takes 13 ms, and of DuckLake's own tables: the information schema binds
    the views, too, one of which lists all of raw (0.45 s on 300 days of it). -#}
{% macro columns_before_this_run(relation) -%}
    {%- set known = kept('columns before this run') -%}
    {%- set name = relation.schema ~ '.' ~ relation.identifier -%}
    {%- if name not in known -%}
        {%- do known.update({name: []}) -%}
        {%- do known.update(adapter.dispatch('columns_by_table', 'retailpulse')(relation, name)) -%}
    {%- endif -%}
    {{- return(known[name]) -}}
{%- endmacro %}

{% macro athena__columns_by_table(relation, name) -%}
    {%- if load_relation(relation) is none -%}
        {{- return({}) -}}
    {%- endif -%}
    {%- set columns = adapter.get_columns_in_relation(relation) -%}
    {{- return({name: columns | map(attribute='name') | map('lower') | list}) -}}
{%- endmacro %}

{% macro duckdb__columns_by_table(relation, name) -%}
    {%- set query -%}
        {%- set lake = '__ducklake_metadata_' ~ relation.database %}
        select
            schemas.schema_name || '.' || tables.table_name,
            string_agg(lower(columns.column_name), ' ')
        from {{ lake }}.ducklake_column as columns
        inner join {{ lake }}.ducklake_table as tables on columns.table_id = tables.table_id
        inner join {{ lake }}.ducklake_schema as schemas on tables.schema_id = schemas.schema_id
        where
            columns.end_snapshot is null
            and tables.end_snapshot is null
            and schemas.end_snapshot is null
            and columns.parent_column is null
        group by schemas.schema_name, tables.table_name
    {%- endset -%}
    {%- set found = {} -%}
    {%- for table, names in run_query(query).rows -%}
        {%- do found.update({table: names.split(' ')}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}
