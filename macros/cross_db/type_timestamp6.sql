{#- The type of every timestamp we keep: microseconds, UTC, no zone. Athena refuses any other precision
    in an Iceberg table; DuckDB's `timestamp` has microseconds and knows no other spelling. -#}
{% macro type_timestamp6() -%}
    {{ return(adapter.dispatch('type_timestamp6', 'retailpulse')()) }}
{%- endmacro %}

{% macro duckdb__type_timestamp6() -%}
    timestamp
{%- endmacro %}

{% macro athena__type_timestamp6() -%}
    timestamp(6)
{%- endmacro %}
