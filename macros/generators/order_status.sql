{#- The status of an order among ours, from what a source calls it: the variable `order_statuses` says,
    {source: {its status: ours}}. UNKNOWN for what it does not have.

    It is compiled into the view, and not a seed that the view reads: a seed is dropped and made again by each
    `dbt build`, and `fact_orders` would be gone in between.

    source   the name of a database
    column   the column of its status

    Example: models/silver/conformed/conformed_orders.sql. -#}
{% macro order_status(source, column) -%}
    {%- set ours = ['CREATED', 'SHIPPED', 'DELIVERED', 'CANCELLED'] -%}
    {%- set sources = known_event_types() | map(attribute='source') | list -%}
    {%- for named in var('order_statuses') or {} if named not in sources -%}
        {%- do exceptions.raise_compiler_error(
            "the variable order_statuses names " ~ named ~ ", which is no database that is followed"
        ) -%}
    {%- endfor -%}
    {%- set mapped = (var('order_statuses') or {}).get(source) or {} -%}
    {%- for theirs in mapped if theirs is boolean -%}
        {%- do exceptions.raise_compiler_error(
            "the variable order_statuses has a status of " ~ source ~ " that YAML takes for "
            ~ theirs ~ ": put it in quotes"
        ) -%}
    {%- endfor -%}
    {%- for theirs, status in mapped.items() if status not in ours -%}
        {%- do exceptions.raise_compiler_error(
            "the variable order_statuses maps " ~ source ~ "'s " ~ theirs ~ " to " ~ status
            ~ ", which is none of " ~ ours | join(', ')
        ) -%}
    {%- endfor -%}
    {%- if not mapped -%}
    'UNKNOWN'
    {%- else -%}
    case {{ column }}
            {%- for theirs, status in mapped.items() %}
            when {{ dbt.string_literal(dbt.escape_single_quotes(theirs | string)) }} then '{{ status }}'
            {%- endfor %}
            else 'UNKNOWN'
        end
    {%- endif -%}
{%- endmacro %}
