{#- Branches of the case expression in staged_events that finds what is wrong with an event: `<reason>
    <field>`, the field as the flat form names it. The first that holds is the event's. -#}

{#- What every known event must satisfy.

    Of two equal keys the engines' paths take the first value, and the ingester's parser took the last
    for the envelope: an event whose id or time differs between the two says two things. -#}
{% macro reject_envelope() -%}
    when
        {{ json_is_given('given_event_id_json') }} and not {{ json_is_string('given_event_id_json') }}
        then 'wrong_type event_id'
    when not {{ is_identifier('event_id') }}
        then 'invalid_value event_id'
    when
        (
            {{ json_text('given_event_id_json') }}
        ) <> event_id
        then 'repeated_key event_id'
    when
        (
            {{ json_text('given_event_ts_json') }}
        ) <> event_ts
        then 'repeated_key event_ts'
    when not {{ json_is_given('given_event_ts_json') }}
        then 'missing_field event_ts'
    when
        event_at is null
        and {{ regexp_like('given_event_ts_json', '^"?[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?"?\\z') }}
        then 'event_ts_is_number event_ts'
    when not {{ json_is_string('given_event_ts_json') }}
        then 'wrong_type event_ts'
    when
        event_at is null
        and {{ regexp_like('event_ts', '^[0-9]{4}-?[0-9]{2}-?[0-9]{2}[Tt ][0-9:.,]+\\z') }}
        then 'event_ts_without_offset event_ts'
    when event_at is null
        then 'invalid_value event_ts'
    when event_at > {{ dbt.dateadd('hour', 24, 'received_at') }}
        then 'event_ts_in_future event_ts'
    when event_at < timestamp '{{ day_start(var("earliest_event_date")) }}'
        then 'event_ts_too_old event_ts'
{%- endmacro %}

{#- What each version of a row must say of itself. -#}
{% macro reject_row_attributes() -%}
    {%- set rules = {
        'op': "op in ('upsert', 'delete')",
        'sequence': regexp_like('sequence', '^[0-9A-Za-z._:/-]{1,128}\\z'),
    } -%}
    {%- for attribute, rule in rules.items() %}
    when not {{ json_is_given(attribute ~ '_json') }}
        then 'missing_field {{ attribute }}'
    when not {{ json_is_string(attribute ~ '_json') }}
        then 'wrong_type {{ attribute }}'
    when not {{ rule }}
        then 'invalid_value {{ attribute }}'
    {%- endfor %}
{%- endmacro %}

{#- What a business field must satisfy. Of a deleted row only the key is needed.

    column  of the type's columns
    type    one of known_event_types() -#}
{% macro reject_field(column, type) -%}
    {%- set given = json_is_given(column.name ~ '_json') -%}
    {%- set is_spared = type.kind == 'row' and column.name not in type.key -%}
    {%- if column.required %}
    when not {{ given }}{{ " and op <> 'delete'" if is_spared }}
        then 'missing_field {{ column.name }}'
    {%- endif %}
    when {{ given ~ ' and ' if not column.required or is_spared }}not {{ is_of_json_type(column, column.name ~ '_json') }}
        then 'wrong_type {{ column.name }}'
    {%- if can_be_refused(column) %}
    when {{ given ~ ' and ' if not column.required or is_spared }}not {{ is_allowed(column, column.name) }}
        then 'invalid_value {{ column.name }}'
    {%- endif %}
    {%- if column.past %}
    {{- reject_time(column) }}
    {%- endif %}
{%- endmacro %}

{#- What an instant or a day must satisfy that has to have come: the same as event_ts. A day has come that
    has begun anywhere on earth. -#}
{% macro reject_time(column) -%}
    {%- set type = 'timestamp' if column.type == 'instant' else 'date' -%}
    {%- set latest = dbt.dateadd('hour', 24, 'received_at') %}
    when {{ column.name }} > {{ latest if type == 'timestamp' else 'cast(' ~ latest ~ ' as date)' }}
        then 'time_in_future {{ column.name }}'
    when {{ column.name }} < {{ type }} '{{ day_start(var("earliest_event_date"))
        if type == 'timestamp' else var("earliest_event_date") }}'
        then 'time_too_old {{ column.name }}'
{%- endmacro %}

{#- Whether a text can name something: 1 to 256 characters, none of them a control character. False,
    never NULL, for NULL. -#}
{% macro is_identifier(column) -%}
    (coalesce(length({{ column }}), 0) between 1 and 256
    and not {{ regexp_like(column, '[\\x00-\\x1f\\x7f]') }})
{%- endmacro %}
