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
    {%- elif column.type.startswith('row_') -%}
        {{ row_value(column, json, text) }}
    {%- elif column.type == 'currency' -%}
        case
            when not {{ json_is_given(json) }} then '{{ default_currency_code() }}'
            else {{ json_text(json) }}
        end
    {%- else -%}
        {{ json_text(json) }}
    {%- endif -%}
{%- endmacro %}

{#- The value of a column of a database's table (a type `row_…`), of the database's own text; NULL where the
    column cannot hold it. -#}
{% macro row_value(column, json, text) -%}
    {%- if column.type == 'row_integer' -%}
        case when {{ regexp_like(text, '^-?[0-9]{1,19}\\z') }} then try_cast({{ text }} as bigint) end
    {%- elif column.type == 'row_decimal' -%}
        case
            when {{ regexp_like(text, '^-?[0-9]{1,29}([.][0-9]{1,9}0*)?\\z') }}
                then try_cast({{ text }} as decimal(38, 9))
        end
    {%- elif column.type == 'row_double' -%}
        case
            when {{ regexp_like(text, '^-?[0-9]+([.][0-9]+)?(e[-+]?[0-9]{1,3})?\\z') }}
                then try_cast({{ text }} as double)
        end
    {%- elif column.type == 'row_boolean' -%}
        case when {{ text }} in ('t', 'true') then true when {{ text }} in ('f', 'false') then false end
    {%- elif column.type == 'row_instant' -%}
        {%- set instant = iso8601_timestamp(text) -%}
        case when {{ is_of_the_calendar(instant) }} then {{ instant }} end
    {%- elif column.type == 'row_local_time' -%}
        case
            when
                {{ regexp_like(
                    text,
                    '^[0-9]{4}-[0-9]{2}-[0-9]{2} ([01][0-9]|2[0-3])(:[0-5][0-9]){2}([.][0-9]{1,6})?\\z'
                ) }}
                and substr({{ text }}, 1, 4) <> '0000'
                then try_cast({{ text }} as {{ type_timestamp6() }})
        end
    {%- elif column.type == 'row_day' -%}
        {{ iso8601_date(text) }}
    {%- else -%}
        {{ json_text(json) }}
    {%- endif -%}
{%- endmacro %}

{#- An offset can lead out of the calendar that Python and Iceberg's readers have. -#}
{% macro is_of_the_calendar(instant) -%}
    coalesce(
        {{ instant }} between timestamp '0001-01-01 00:00:00' and timestamp '9999-12-31 23:59:59.999999',
        false
    )
{%- endmacro %}

{#- Whether the column of a field has a text of its own in staging, which more than one function reads. -#}
{% macro is_read_as_text(column) -%}
    {{- return(
        column.type in ('instant', 'day')
        or column.type.startswith('row_') and column.type != 'row_text'
    ) -}}
{%- endmacro %}

{#- Whether a value of the right JSON type can be refused: one of a database's table cannot. -#}
{% macro can_be_refused(column) -%}
    {{- return(column.type != 'boolean' and not column.type.startswith('row_')) -}}
{%- endmacro %}

{#- Whether a JSON value that is there and not null is of the type at all. -#}
{% macro is_of_json_type(column, json) -%}
    {%- if column.type.startswith('row_') -%}
        {{ regexp_like(json, '^["{]') }}
    {%- elif column.type == 'amount' -%}
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
        {{ is_of_the_calendar(value) }}
    {%- else -%}
        {{ value }} is not null
    {%- endif -%}
{%- endmacro %}
