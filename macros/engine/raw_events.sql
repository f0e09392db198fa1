{#- The raw events of one type, the first CTE of every staging model: the envelope's columns, and for
    each field of the producer's event its JSON as `<field>_json`. A flat event has its fields at the
    top, a CloudEvent (1.0: it has a text `specversion`) in `data`; either has the same columns here,
    and is_cloudevent says which it was.

    event_type  whose events
    fields      names of business fields
    attributes  names of what stands at the top in both forms (`op` and `sequence` of a row)
    lists       of the fields, those that are lists of items

    Envelope fields are read from the envelope, which the ingester wrote (event_type is the partition
    that it chose by it); the producer's own from the line by path. (With a duplicate key the engines'
    path functions take the first value.)

    A line that is no envelope has no received_at: no window holds it, and conservation, which counts
    it all the same, calls it lost. -#}
{% macro raw_events(event_type, fields=[], attributes=[], lists=[]) -%}
    {%- set envelope_fields = [
        'event_id', 'event_name', 'event_ts', 'source', 'message_id', 'replayed_from',
        'payload_encoding',
    ] -%}
    {#- column: [path in a flat event, path in a CloudEvent] -#}
    {%- set payload_fields = {} -%}
    {%- for field, attribute in cloudevent_attributes().items() -%}
        {#- Nobody else judges the type that was given, and each path costs 3 % of reading a line. -#}
        {%- if field != 'event_type' or event_type == 'unknown' -%}
            {%- do payload_fields.update({
                'given_' ~ field: ['$.payload.' ~ field, '$.payload.' ~ attribute],
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for attribute in attributes -%}
        {%- do payload_fields.update({attribute: ['$.payload.' ~ attribute] * 2}) -%}
    {%- endfor -%}
    {%- for field in fields -%}
        {%- do payload_fields.update({field: ['$.payload.' ~ field, '$.payload.data.' ~ field]}) -%}
    {%- endfor -%}
    {%- set paths = ['$.payload.specversion', '$.received_at'] -%}
    {%- for field in envelope_fields -%}
        {%- do paths.append('$.' ~ field) -%}
    {%- endfor -%}
    {%- for both in payload_fields.values() -%}
        {%- do paths.extend(both | unique) -%}
    {%- endfor -%}
    {%- set list_paths = [] -%}
    {%- for field in lists -%}
        {%- do list_paths.extend(payload_fields[field]) -%}
    {%- endfor -%}
    {#- Where each path's value stands in the array of json_extract_all. -#}
    {%- set at = {} -%}
    {%- for path in paths -%}
        {%- do at.update({path: 'value[' ~ loop.index ~ ']'}) -%}
    {%- endfor -%}

    select
        line,
        event_type,
        dt,
        hour,
        case
            when {{ json_is_string(at['$.message_id']) }} and {{ json_is_string(at['$.source']) }}
                then {{ envelope_timestamp(at['$.received_at']) }}
        end as received_at,
        {%- for field in envelope_fields %}
        {{ json_text(at['$.' ~ field]) }} as {{ field }},
        {%- endfor %}
        coalesce({{ json_is_string(at['$.payload.specversion']) }}, false) as is_cloudevent,
        {%- for field, both in payload_fields.items() %}
        {%- if both[0] == both[1] %}
        {{ at[both[0]] }} as {{ field }}_json{{ ',' if not loop.last }}
        {%- else %}
        case
            when {{ json_is_string(at['$.payload.specversion']) }} then {{ at[both[1]] }}
            else {{ at[both[0]] }}
        end as {{ field }}_json{{ ',' if not loop.last }}
        {%- endif %}
        {%- endfor %}
    from (
        select
            line,
            event_type,
            dt,
            hour,
            {{ json_extract_all('line', paths, list_paths) }} as value
        from {{ raw_lines(event_type) }}
        where event_type = '{{ event_type }}'
    ) as extracted
{%- endmacro %}

{#- What CloudEvents call the fields of the flat form's envelope. -#}
{% macro cloudevent_attributes() -%}
    {{- return({'event_id': 'id', 'event_ts': 'time', 'event_type': 'type'}) -}}
{%- endmacro %}

{#- A timestamp that the ingester wrote (UTC, microseconds, `Z`), from its JSON; NULL for anything
    else, which it did not write. -#}
{% macro envelope_timestamp(value) -%}
    try_cast(
        substr({{ value }}, 2, 10) || ' ' || substr({{ value }}, 13, 15) as {{ type_timestamp6() }}
    )
{%- endmacro %}

{#- When a raw line arrived, by the JSON of its received_at: at the start of the hour that it lies in where
    it is no envelope. -#}
{% macro arrival_of_line(value) -%}
    coalesce(
        {{ envelope_timestamp(value) }},
        try_cast(dt || ' ' || hour || ':00:00' as {{ type_timestamp6() }})
    )
{%- endmacro %}

{#- Lineage columns that every staging model hands on, in this order. -#}
{% macro envelope_columns() -%}
    source,
    event_id,
    event_type,
    event_name,
    event_ts,
    payload_encoding,
    received_at,
    message_id,
    replayed_from,
    dt,
    hour,
    line
{%- endmacro %}
