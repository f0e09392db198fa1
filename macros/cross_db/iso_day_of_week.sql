{#- 1 for Monday to 7 for Sunday. DuckDB's day_of_week counts Sunday as 0. -#}
{% macro iso_day_of_week(date) -%}
    {{ return(adapter.dispatch('iso_day_of_week', 'retailpulse')(date)) }}
{%- endmacro %}

{% macro duckdb__iso_day_of_week(date) -%}
    isodow({{ date }})
{%- endmacro %}

{% macro athena__iso_day_of_week(date) -%}
    day_of_week({{ date }})
{%- endmacro %}
