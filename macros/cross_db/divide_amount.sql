{#- An amount (decimal with 2 places, not negative) divided by a count, rounded half up to 2 places;
    NULL for a count of 0. Decimal `/` is a DOUBLE on DuckDB, and x/0 raises on Athena. -#}
{% macro divide_amount(amount, count) -%}
    {{ return(adapter.dispatch('divide_amount', 'retailpulse')(amount, count)) }}
{%- endmacro %}

{#- In whole cents: (2·cents + n) // 2n is the quotient rounded half up. -#}
{% macro duckdb__divide_amount(amount, count) -%}
    {%- set cents %}cast(cast({{ amount }} as decimal(27, 2)) * cast(100 as decimal(3, 0)) as hugeint){% endset -%}
    cast(
        cast((2 * {{ cents }} + {{ count }}) // nullif(2 * {{ count }}, 0) as decimal(18, 0))
        * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
    )
{%- endmacro %}

{#- Trino's decimal division keeps the larger scale and rounds half up. -#}
{% macro athena__divide_amount(amount, count) -%}
    cast(
        cast({{ amount }} as decimal(38, 2)) / nullif(cast({{ count }} as decimal(19, 0)), 0)
        as decimal(18, 2)
    )
{%- endmacro %}
