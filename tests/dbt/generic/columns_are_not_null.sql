{#- None of `columns` is NULL in any row: one statement for all of them, because each is billed. Fails with
    the rows, and which column is NULL in each. -#}
{% test columns_are_not_null(model, columns) %}

select
    *,
    case
        {%- for column in columns %}
        when {{ column }} is null then '{{ column }}'
        {%- endfor %}
    end as null_column
from {{ model }}
where
    {%- for column in columns %}
    {{ 'or ' if not loop.first }}{{ column }} is null
    {%- endfor %}

{% endtest %}
