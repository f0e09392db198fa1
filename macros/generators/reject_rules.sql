{#- What every known event must satisfy, as the first branches of its model's `reject_reason` case.

    Of two equal keys the engines' paths take the first value, and the ingester's parser took the last
    for the envelope: an event whose id or time differs between the two says two things. -#}
{% macro reject_envelope() -%}
    when
        {{ json_is_given('given_event_id_json') }} and not {{ json_is_string('given_event_id_json') }}
        or not {{ is_identifier('event_id') }}
        then 'invalid_event_id'
    when
        (
            {{ json_text('given_event_id_json') }}
        ) <> event_id
        or (
            {{ json_text('given_event_ts_json') }}
        ) <> event_ts
        then 'repeated_key'
    when
        event_at is null
        and {{ regexp_like('given_event_ts_json', '^"?[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?"?\\z') }}
        then 'event_ts_is_number'
    when
        event_at is null
        and {{ regexp_like('event_ts', '^[0-9]{4}-?[0-9]{2}-?[0-9]{2}[Tt ][0-9:.,]+\\z') }}
        then 'event_ts_without_offset'
    when event_at is null or not {{ json_is_string('given_event_ts_json') }}
        then 'invalid_event_ts'
    when event_at > {{ dbt.dateadd('hour', 24, 'received_at') }}
        then 'event_ts_in_future'
    when event_at < timestamp '{{ day_start(var("earliest_event_date")) }}'
        then 'event_ts_too_old'
{%- endmacro %}

{#- Whether a text can name something: 1 to 256 characters, none of them a control character. False,
    never NULL, for NULL. -#}
{% macro is_identifier(column) -%}
    (coalesce(length({{ column }}), 0) between 1 and 256
    and not {{ regexp_like(column, '[\\x00-\\x1f\\x7f]') }})
{%- endmacro %}
