{#- Whether two values are alike, NULL like NULL: never NULL.

    Not `is not distinct from`: as the condition of a join it loses rows on Trino, where a column is NULL in
    every row that is joined, as its dynamic filter then lets none of the other side through
    (https://github.com/trinodb/trino/issues/25943, 26257). With a new column no duplicate was found any
    more. -#}
{% macro same_value(left, right) -%}
    coalesce({{ left }} = {{ right }}, {{ left }} is null and {{ right }} is null)
{%- endmacro %}
