{#- The texts of a list in one, with `separator`, a literal, between them. A NULL among them is left out;
    '' where no other is left; NULL for NULL. -#}
{% macro join_texts(list, separator) -%}
    {{ return(adapter.dispatch('join_texts', 'retailpulse')(list, separator)) }}
{%- endmacro %}

{#- Of nothing but NULLs array_to_string makes NULL. -#}
{% macro duckdb__join_texts(list, separator) -%}
    array_to_string(list_filter({{ list }}, lambda text: text is not null), '{{ separator }}')
{%- endmacro %}

{% macro athena__join_texts(list, separator) -%}
    array_join({{ list }}, '{{ separator }}')
{%- endmacro %}
