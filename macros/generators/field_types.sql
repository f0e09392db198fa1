{#- What a field of each type (ingestion/contracts/types.json) becomes in SQL; of lists, list_items.sql
    says it.

    column  one of known_event_types(), or of the fields of a list's items
    json    an expression for its JSON
    text    of an instant or a day, one for its text
    value   one for what field_value made of it -#}

{#- The column's value, to be judged by is_allowed: NULL where it cannot be read at all. -#}
{% macro field_value(column, json, text=none) -%}
    {%- if column.type == 'amount' -%}
        {{ json_decimal(json) }}
    {%- elif column.type == 'boolean' -%}
        {{ json_boolean(json) }}
    {%- elif column.type == 'integer' -%}
        {{ json_integer(json) }}
    {%- elif column.type == 'instant' -%}
        {{ iso8601_timestamp(text) }}
    {%- elif column.type == 'day' -%}
        {{ iso8601_date(text) }}
    {%- elif column.type == 'currency' -%}
        case
            when not {{ json_is_given(json) }} then '{{ default_currency_code() }}'
            else {{ json_text(json) }}
        end
    {%- else -%}
        {{ json_text(json) }}
    {%- endif -%}
{%- endmacro %}

{#- Whether a JSON value that is there and not null is of the type at all. -#}
{% macro is_of_json_type(column, json) -%}
    {%- if column.type == 'amount' -%}
        {{ regexp_like(json, '^["0-9-]') }}
    {%- elif column.type == 'boolean' -%}
        {{ json }} in ('true', 'false')
    {%- elif column.type == 'integer' -%}
        {{ regexp_like(json, '^[0-9-]') }}
    {%- else -%}
        {{ json_is_string(json) }}
    {%- endif -%}
{%- endmacro %}

{#- Whether a value of the right JSON type is one that the contract allows: never NULL. -#}
{% macro is_allowed(column, value) -%}
    {%- if column['values'] is not none -%}
        {{ value }} in ('{{ column['values'] | join("', '") }}')
    {%- elif column.type == 'identifier' -%}
        {{ is_identifier(value) }}
    {%- elif column.type == 'text' -%}
        length({{ value }}) <= 4096
    {%- elif column.type == 'currency' -%}
        {{ regexp_like(value, '^[A-Z]{3}\\z') }}
    {%- elif column.type == 'amount' -%}
        coalesce({{ value }} >= 0, false)
    {%- elif column.type == 'instant' -%}
        {#- An offset can lead out of the calendar that Python and Iceberg's readers have. -#}
        coalesce(
            {{ value }} between timestamp '0001-01-01 00:00:00'
            and timestamp '9999-12-31 23:59:59.999999',
            false
        )
    {%- else -%}
        {{ value }} is not null
    {%- endif -%}
{%- endmacro %}
