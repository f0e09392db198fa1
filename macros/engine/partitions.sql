{#- How a table is partitioned by a date: by month, or by day where the variable `partition_by` says so.
    Days are for a million events a day and more: Athena is at its best from about 100 MB a partition.
    The literal days of the predicates leave out files within a month by their statistics. -#}
{% macro partitioned_by(date_column) -%}
    {%- set unit = var('partition_by') -%}
    {%- if unit not in ('month', 'day') -%}
        {%- do exceptions.raise_compiler_error(
            "the variable partition_by must be month or day, not '" ~ unit ~ "'"
        ) -%}
    {%- endif -%}
    {{- return(adapter.dispatch('partitioned_by', 'retailpulse')(date_column, unit)) -}}
{%- endmacro %}

{% macro athena__partitioned_by(date_column, unit) -%}
    {{- return([date_column if unit == 'day' else 'month(' ~ date_column ~ ')']) -}}
{%- endmacro %}

{#- DuckLake's `month` alone is the month of the year: each partition would hold it of every year. -#}
{% macro duckdb__partitioned_by(date_column, unit) -%}
    {{- return(
        [date_column] if unit == 'day'
        else ['year(' ~ date_column ~ ')', 'month(' ~ date_column ~ ')']
    ) -}}
{%- endmacro %}

{#- The date that decides the partition of the model's rows. -#}
{% macro partition_date() -%}
    {{- return(model.config.meta.partition_date) -}}
{%- endmacro %}

{#- Properties of an incremental model's table on Athena. Its files have 8 MB, and compaction leaves those
    alone that have three quarters of it: so a month has its rows file by file in the order in which they
    were written, and by the literals of a fast run the old ones are left out. One of them is read for no
    more than the 10 MB that a statement is billed at least. -#}
{% macro file_properties() -%}
    {{- return({'write_target_data_file_size_bytes': '8388608'}) -}}
{%- endmacro %}
