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

{#- A JSON number of at most 15 significant digits, or a text of digits ("19.99": up to 14 before the
    point and four behind it, no sign, no exponent), as decimal(18, 4). NULL for all else.

    A number goes through double on purpose: a cast of the text '1e2' to decimal works on DuckDB only,
    and DuckDB's JSON functions have turned the number into a double already. It is exact all the same:
    a decimal of up to 15 digits survives the way to double and back, and what does not come back
    unchanged (10.00005) is refused, on both engines alike. So it is read as a decimal of 15 digits,
    with as many behind the point as fit. A text never meets a double. -#}
{% macro json_decimal(value) -%}
    {%- set number %}try_cast({{ json_scalar(value) }} as double){% endset -%}
    {%- set amount -%}
        coalesce(
                {%- for scale in (4, 3, 2, 1) %}
                try_cast({{ number }} as decimal(15, {{ scale }})){{ ',' if not loop.last }}
                {%- endfor %}
            )
    {%- endset -%}
    case
        when
            {{ regexp_like(value, '^[-0-9]') }}
            and cast(cast({{ amount }} as varchar) as double) = {{ number }}
            then cast({{ amount }} as decimal(18, 4))
        when
            {{ json_is_string(value) }}
            and {{ regexp_like(json_scalar(value), '^[0-9]{1,14}([.][0-9]{1,4})?\\z') }}
            then try_cast({{ json_scalar(value) }} as decimal(18, 4))
    end
{%- endmacro %}

{#- A JSON number that is whole and no further from 0 than 2^53 - 1, as bigint; NULL for all else. 5.0
    and 5e0 are whole. Through double, as json_decimal: up to there a double is exact, and a cast of
    5.5 rounds. -#}
{% macro json_integer(value) -%}
    {%- set number %}try_cast({{ json_scalar(value) }} as double){% endset -%}
    case
        when
            {{ regexp_like(value, '^[-0-9]') }}
            and {{ number }} between -9007199254740991 and 9007199254740991
            and cast(try_cast({{ number }} as bigint) as double) = {{ number }}
            then try_cast({{ number }} as bigint)
    end
{%- endmacro %}

{#- A JSON true or false, as boolean; NULL for all else, the text "true" too. -#}
{% macro json_boolean(value) -%}
    case {{ value }} when 'true' then true when 'false' then false end
{%- endmacro %}
