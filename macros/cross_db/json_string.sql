{#- The JSON of a string (a value of json_extract_all or json_items that is one), spelled alike on both
    engines: Trino writes a character beyond U+FFFF as two escapes, DuckDB as it is. Else both escape what
    JSON must have escaped, in the same way. -#}
{% macro json_string(value) -%}
    {{ return(adapter.dispatch('json_string', 'retailpulse')(value)) }}
{%- endmacro %}

{% macro duckdb__json_string(value) -%}
    {{ value }}
{%- endmacro %}

{#- Any other escape is a token too, so that of an escaped backslash the second is none's first. -#}
{% macro athena__json_string(value) -%}
    regexp_replace(
        {{ value }},
        '(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\.)',
        token -> case
            when length(token[1]) = 2 then token[1]
            else chr(
                65536
                + (from_base(substr(token[1], 3, 4), 16) - 55296) * 1024
                + from_base(substr(token[1], 9, 4), 16) - 56320
            )
        end
    )
{%- endmacro %}
