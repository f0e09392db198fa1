{#- What `expression` makes of each element of a list, in its order; NULL for NULL.

    list        an expression for the list
    element     what the expression calls an element; no column may be called so
    expression  an expression -#}
{% macro transform_list(list, element, expression) -%}
    {{ return(adapter.dispatch('transform_list', 'retailpulse')(list, element, expression)) }}
{%- endmacro %}

{% macro duckdb__transform_list(list, element, expression) -%}
    list_transform({{ list }}, lambda {{ element }}: {{ expression }})
{%- endmacro %}

{% macro athena__transform_list(list, element, expression) -%}
    transform({{ list }}, {{ element }} -> {{ expression }})
{%- endmacro %}
