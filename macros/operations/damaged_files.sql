{#- The files of the lakehouse on this machine that are not as they were written, each as {'file',
    'problem'}, found by the profile's plugin. Athena finds its own: it checks gzip as it reads, and
    what its tables refer to nobody deletes by hand.

    of    `raw`, whose objects are read to their end; `set_aside`, what was taken out of raw; `tables`,
          whose files are looked for
    days  of raw, the days of arrival (text); none for all -#}
{% macro damaged_files(of, days=none) -%}
    {%- set asked = {'of': of, 'days': days, 'found': []} -%}
    {#- To compile a test, as `dbt docs generate` does, is no reason to read all of raw. -#}
    {%- if target.type == 'duckdb' and can_look_up()
        and flags.WHICH in ('build', 'run', 'test', 'retry')
    -%}
        {%- do adapter.store_relation('dbt_plugin', none, [], '', '', asked) -%}
    {%- endif -%}
    {{- return(asked.found) -}}
{%- endmacro %}

{#- The same as rows, for a test. -#}
{% macro damaged_files_as_rows(of) -%}
    {%- for damaged in damaged_files(of) %}
    select
        {{ dbt.string_literal(dbt.escape_single_quotes(damaged.file)) }} as file,
        {{ dbt.string_literal(dbt.escape_single_quotes(damaged.problem)) }} as problem
    union all
    {%- endfor %}
    select
        cast(null as varchar) as file,
        cast(null as varchar) as problem
    where false
{%- endmacro %}

{#- on-run-end: after a failure, the error that names what is damaged and says what to do. DuckDB's own
    names no object ("Malformed JSON at byte 306"). Raw is read only if what failed reads it. -#}
{% macro name_damaged_files(results) -%}
    {%- set failed = [] -%}
    {%- for result in results if result.status in ('error', 'fail', 'runtime error') -%}
        {%- do failed.append(result.node.unique_id) -%}
    {%- endfor -%}
    {%- if failed and target.type == 'duckdb' -%}
        {%- set told = [] -%}
        {%- if raw_readers() | selectattr('unique_id', 'in', failed) | list -%}
            {%- for damaged in damaged_files('raw', arrival_days(earliest_arrival())) -%}
                {%- do told.append(
                    'the raw object ' ~ damaged.file ~ ' ' ~ damaged.problem
                    ~ ': put a good copy in its place, or take it out with'
                    ~ ' `retailpulse raw set-aside` (docs/runbooks/laptop-damaged-raw.md)'
                ) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- for damaged in damaged_files('tables') -%}
            {%- do told.append(
                'the table file ' ~ damaged.file ~ ' ' ~ damaged.problem
                ~ ': put a good copy in its place, or build the tables anew with'
                ~ ' `retailpulse rebuild` (docs/runbooks/laptop-table-file.md)'
            ) -%}
        {%- endfor -%}
        {%- if told -%}
            {%- set more = told | length - 3 -%}
            {%- set text = told[:3] | join('; ') ~ ('; and ' ~ more ~ ' more' if more > 0 else '') -%}
            {#- Raised by DuckDB and not while compiling, which dbt takes for an interruption. -#}
            select error({{ dbt.string_literal(dbt.escape_single_quotes(text)) }})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
