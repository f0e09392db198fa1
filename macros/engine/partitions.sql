{#- How a table is partitioned by a date: by month, or by day where the variable `partition_by` says so.
    Days are for a million events a day and more: Athena is at its best from about 100 MB a partition.
    The literal days of the predicates leave out files within a month by their statistics.

    date_column  the date
    apart        a column of few values, text, whose rows are kept apart within that. Events that come late
                 are: among the others each file had some, so that its days spanned weeks, and the day of
                 one late event left out no file that was written after it. On Athena alone: DuckDB, which
                 pays nothing for what it reads, would have twice the files. -#}
{% macro partitioned_by(date_column, apart=none) -%}
    {%- set unit = var('partition_by') -%}
    {%- if unit not in ('month', 'day') -%}
        {%- do exceptions.raise_compiler_error(
            "the variable partition_by must be month or day, not '" ~ unit ~ "'"
        ) -%}
    {%- endif -%}
    {{- return(adapter.dispatch('partitioned_by', 'retailpulse')(date_column, apart, unit)) -}}
{%- endmacro %}

{% macro athena__partitioned_by(date_column, apart, unit) -%}
    {%- set by_date = date_column if unit == 'day' else 'month(' ~ date_column ~ ')' -%}
    {{- return([by_date] + ([apart] if apart else [])) -}}
{%- endmacro %}

{#- DuckLake's `month` alone is the month of the year: each partition would hold it of every year. -#}
{% macro duckdb__partitioned_by(date_column, apart, unit) -%}
    {{- return(
        [date_column] if unit == 'day'
        else ['year(' ~ date_column ~ ')', 'month(' ~ date_column ~ ')']
    ) -}}
{%- endmacro %}

{#- The date that decides the partition of the model's rows. -#}
{% macro partition_date() -%}
    {{- return(model.config.meta.partition_date) -}}
{%- endmacro %}

{#- Properties of an incremental model's table on Athena. Compaction leaves a file alone from 1 MiB on: so a
    month has its rows file by file about as they were written, and the literals of a fast run leave
    the old files out. Trino reads files of less than 3 MB whole, whatever columns are asked for.

    The least size is said because Athena's own is three quarters of the target, and Trino, which takes
    rows for larger than they are when it begins a new file, writes less: by that rule each compaction
    would rewrite all that the one before wrote. -#}
{% macro file_properties() -%}
    {{- return({
        'write_target_data_file_size_bytes': '8388608',
        'optimize_rewrite_min_data_file_size_bytes': '1048576',
    }) -}}
{%- endmacro %}
