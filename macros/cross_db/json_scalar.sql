{#- The text of a JSON scalar (the JSON text of a string, a number or a boolean). For a number the
    engines spell it differently (DuckDB 1.1 for 1.10): json_decimal reads it exactly. -#}
{% macro json_scalar(value) -%}
    {{ return(adapter.dispatch('json_scalar', 'retailpulse')(value)) }}
{%- endmacro %}

{% macro duckdb__json_scalar(value) -%}
    json_extract_string({{ value }}, '$')
{%- endmacro %}

{% macro athena__json_scalar(value) -%}
    json_extract_scalar({{ value }}, '$')
{%- endmacro %}
