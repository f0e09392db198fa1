{#- An amount (decimal with 4 places, not negative, below 10^28) divided by a count, rounded half up to 4
    places; NULL for a count of 0. Decimal `/` is a DOUBLE on DuckDB, and x/0 raises on Athena. -#}
{% macro divide_amount(amount, count) -%}
    {{ return(adapter.dispatch('divide_amount', 'retailpulse')(amount, count)) }}
{%- endmacro %}

{#- In whole ten-thousandths: (2·units + n) // 2n is the quotient rounded half up. -#}
{% macro duckdb__divide_amount(amount, count) -%}
    {%- set units %}cast(cast({{ amount }} as decimal(32, 4)) * cast(10000 as decimal(5, 0)) as hugeint){% endset -%}
    cast(
        cast((2 * {{ units }} + {{ count }}) // nullif(2 * {{ count }}, 0) as decimal(18, 0))
        * cast(0.0001 as decimal(5, 4)) as decimal(18, 4)
    )
{%- endmacro %}

{#- Trino's decimal division keeps the larger scale and rounds half up. -#}
{% macro athena__divide_amount(amount, count) -%}
    cast(
        cast({{ amount }} as decimal(38, 4)) / nullif(cast({{ count }} as decimal(19, 0)), 0)
        as decimal(18, 4)
    )
{%- endmacro %}
