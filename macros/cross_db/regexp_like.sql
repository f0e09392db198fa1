{#- Whether `text` has a match of `pattern`, a literal both RE2 and Java read alike. NULL in, NULL
    out. The engines name the function differently. -#}
{% macro regexp_like(text, pattern) -%}
    {{ return(adapter.dispatch('regexp_like', 'retailpulse')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__regexp_like(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro athena__regexp_like(text, pattern) -%}
    regexp_like({{ text }}, '{{ pattern }}')
{%- endmacro %}
