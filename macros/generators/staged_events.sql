{#- The whole of a staging model: the events of one type, their fields typed as the contract says, and
    why an event is rejected. Neither joined nor deduplicated.

    event_type  a known event type (known_event_types)

    Columns: envelope_columns(), event_at, of a row op and sequence, the business fields in the order of
    the contract, reject_reason, reject_field, reject_value. A field that is missing or cannot be read is
    NULL; only a currency that is not given is default_currency_code.

    What is wrong is found once, as one text of a reason and a field, and told apart only then: a case
    expression for each of reason, field and value would say every rule three times, and a statement on
    Athena may be 262,144 bytes long. -#}
{% macro staged_events(event_type) -%}
    {%- set type = known_event_type(event_type) -%}
{{ config(enabled=type.source not in disabled_sources()) }}
    {%- set columns = type.columns -%}
    {%- set attributes = ['op', 'sequence'] if type.kind == 'row' else [] -%}
    {#- A text that is read by more than one function has a column of its own. -#}
    {%- set parsed = [] -%}
    {%- for column in columns if is_read_as_text(column) -%}
        {%- do parsed.append(column) -%}
    {%- endfor -%}
    {%- set lists = columns | selectattr('type', 'equalto', 'list') | list -%}
    {%- set names = columns | map(attribute='name') | list -%}
    {%- set list_names = lists | map(attribute='name') | list -%}

with

events as (

    {{ raw_events(event_type, names, attributes, list_names) }}

),
{%- if lists %}

read_lists as (

    select
        *,
        {%- for column in lists %}
        {{ list_items(column) }} as {{ column.name }}_json_items{{ ',' if not loop.last }}
        {%- endfor %}
    from events

),

judged_lists as (

    select
        *,
        {%- for column in lists %}
        {{ list_faults(column) }} as {{ column.name }}_json_faults{{ ',' if not loop.last }}
        {%- endfor %}
    from read_lists

),
{%- endif %}
{%- set events = 'judged_lists' if lists else 'events' %}
{%- if parsed %}

read_texts as (

    select
        *,
        {%- for column in parsed %}
        {{ json_text(column.name ~ '_json') }} as {{ column.name }}_text{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ events }}

),
{%- endif %}

typed as (

    select
        *,
        {{ iso8601_timestamp('event_ts') }} as event_at
        {%- for attribute in attributes -%}
        ,
        {{ json_text(attribute ~ '_json') }} as {{ attribute }}
        {%- endfor %}
        {%- for column in columns -%}
        ,
        {{ list_text(column) if column.type == 'list'
            else field_value(column, column.name ~ '_json', column.name ~ '_text') }} as {{ column.name }}
        {%- endfor %}
    from {{ 'read_texts' if parsed else events }}

),

judged as (

    select
        *,
        case
            {{ reject_envelope() }}
            {%- if attributes %}
            {{ reject_row_attributes() }}
            {%- endif %}
            {%- for column in columns %}
            {{ reject_list(column, type) if column.type == 'list' else reject_field(column, type) }}
            {%- endfor %}
        end as verdict
    from typed

),

rejected as (

    select
        *,
        split_part(verdict, ' ', 1) as reject_reason,
        split_part(verdict, ' ', 2) as faulty_field
    from judged

)

select
    {{ envelope_columns() }},
    cast(event_at as {{ type_timestamp6() }}) as event_at,
    {%- for attribute in attributes %}
    cast({{ attribute }} as varchar) as {{ attribute }},
    {%- endfor %}
    {%- for column in columns %}
    cast({{ column.name }} as {{ engine_type(column.data_type) }}) as {{ column.name }},
    {%- endfor %}
    cast(reject_reason as varchar) as reject_reason,
    cast({{ field_as_sent('faulty_field', attributes) }} as varchar) as reject_field,
    {%- set given = {'event_id': 'given_event_id_json', 'event_ts': 'given_event_ts_json'} %}
    {%- for name in attributes + names %}
    {%- do given.update({name: name ~ '_json'}) %}
    {%- endfor %}
    {%- for column in lists %}
    {%- do given.update({column.name: rejected_of_list(column)}) %}
    {%- endfor %}
    cast(
        case {{ "split_part(faulty_field, '.', 1)" if lists else 'faulty_field' }}
            {%- for name, value in given.items() %}
            when '{{ name }}' then substr({{ value }}, 1, 256)
            {%- endfor %}
        end as varchar
    ) as reject_value
from rejected
{%- endmacro %}

{#- What the contract says of a type. -#}
{% macro known_event_type(event_type) -%}
    {%- for known in known_event_types() if known.event_type == event_type -%}
        {{- return(known) -}}
    {%- endfor -%}
    {%- do exceptions.raise_compiler_error(
        "There is no event type '" ~ event_type ~ "': write its contract and run `make contracts`"
    ) -%}
{%- endmacro %}

{#- A field's name as the form of the event has it: `amount`, or `data.amount` in a CloudEvent, whose
    envelope is called otherwise.

    field       an expression for the name in the flat form; NULL gives NULL
    attributes  names of what stands at the top in both forms -#}
{% macro field_as_sent(field, attributes=[]) -%}
    case
        when not is_cloudevent then {{ field }}
        {%- for flat, attribute in cloudevent_attributes().items() %}
        when {{ field }} = '{{ flat }}' then '{{ attribute }}'
        {%- endfor %}
        {%- if attributes %}
        when {{ field }} in ('{{ attributes | join("', '") }}') then {{ field }}
        {%- endif %}
        else 'data.' || {{ field }}
    end
{%- endmacro %}
