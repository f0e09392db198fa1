{#- What a JSON text (one value of json_extract_all) holds. A JSON value's first character tells its
    type, on every engine. -#}

{#- Whether it is a JSON string; NULL for NULL. -#}
{% macro json_is_string(value) -%}
    substr({{ value }}, 1, 1) = '"'
{%- endmacro %}

{#- Whether it is there and not null: false, never NULL. -#}
{% macro json_is_given(value) -%}
    coalesce({{ value }}, 'null') <> 'null'
{%- endmacro %}

{#- The text of a JSON string; NULL for every other value, where the engines' own functions would turn
    the number 5 into '5'. -#}
{% macro json_text(value) -%}
    case when {{ json_is_string(value) }} then {{ json_scalar(value) }} end
{%- endmacro %}

{#- A JSON number as decimal(precision, scale), precision 15 at most; NULL where it is not a number,
    does not fit, or has more than `scale` decimals.

    Through double on purpose: a cast of the text '1e2' to decimal works on DuckDB only, and DuckDB's
    JSON functions have turned the number into a double already. It is exact all the same: a decimal
    of up to 15 digits survives the way to double and back, and what does not come back unchanged
    (10.005) is refused, on both engines alike. -#}
{% macro json_decimal(value, precision=15, scale=2) -%}
    {%- if precision > 15 %}
        {%- do exceptions.raise_compiler_error('json_decimal: a double holds 15 digits at most') %}
    {%- endif %}
    {%- set number %}try_cast({{ json_scalar(value) }} as double){% endset -%}
    {%- set amount %}try_cast({{ number }} as decimal({{ precision }}, {{ scale }})){% endset -%}
    case
        when {{ regexp_like(value, '^[-0-9]') }} and cast({{ amount }} as double) = {{ number }}
            then {{ amount }}
    end
{%- endmacro %}
