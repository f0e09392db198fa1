{#- What a field that is a list becomes in SQL: silver keeps it as the text of a JSON array. A `column` is one
    of known_event_types(), of type `list`; its JSON is in `<name>_json`.

    The text says of each item the fields that the contract knows, in the contract's order, and of these what
    the event gives: so two bodies whose lists differ in spaces, in the order of keys, in 12.3 and 12.30 or in
    a field that no contract knows are the same event, and both engines write the same text. An amount is text
    with four decimals, which no reader of JSON turns into a double; the rest is as it was sent. -#}

{#- The items, each as an array of texts: its JSON, the JSON of each field, what the next of them is made
    of, and each field as silver has it, NULL where it is missing or not allowed. `item_places` says where. -#}
{% macro list_items(column) -%}
    {%- set places = item_places(column) -%}
    {%- set paths = [] -%}
    {%- set texts = [] -%}
    {%- set members = [] -%}
    {%- for field in column.fields -%}
        {%- set at = places[field.name] -%}
        {%- do paths.append('$.' ~ field.name) -%}
        {%- if at.text -%}
            {%- do texts.append(item_text(field, at.json) | trim) -%}
        {%- endif -%}
        {%- do members.append(item_member(field, at.json, at.text) | trim) -%}
    {%- endfor -%}
    {%- set items = json_items(column.name ~ '_json', paths) -%}
    {%- if texts -%}
        {%- set items = with_more_texts(items, texts) -%}
    {%- endif -%}
    {{- with_more_texts(items, members) -}}
{%- endmacro %}

{% macro with_more_texts(items, texts) -%}
    {%- set more -%}
        item || array[
            {{ texts | join(',\n            ') }}
        ]
    {%- endset -%}
    {{- transform_list(items, 'item', more) -}}
{%- endmacro %}

{#- Of each field of a list's items, by its name, expressions for its parts in `item`: {'json', 'text': none
    where item_member needs none, 'member'}. -#}
{% macro item_places(column) -%}
    {%- set parsed = column.fields | selectattr('type', 'in', ['amount', 'integer', 'instant', 'day'])
        | map(attribute='name') | list -%}
    {%- set count = column.fields | length -%}
    {%- set places = {} -%}
    {%- for field in column.fields -%}
        {%- do places.update({field.name: {
            'json': 'item[' ~ (1 + loop.index) ~ ']',
            'text': 'item[' ~ (2 + count + parsed.index(field.name)) ~ ']'
                if field.name in parsed else none,
            'member': 'item[' ~ (1 + count + parsed | length + loop.index) ~ ']',
        }}) -%}
    {%- endfor -%}
    {{- return(places) -}}
{%- endmacro %}

{#- What is read once, as item_member names it more than once: the text of an instant or a day, and that of
    the number that an amount or an integer is. -#}
{% macro item_text(field, json) -%}
    {%- if field.type in ('instant', 'day') -%}
        {{ json_text(json) }}
    {%- else -%}
        cast({{ field_value(field, json) }} as varchar)
    {%- endif -%}
{%- endmacro %}

{#- A field of an item as silver has it: JSON, NULL where the value is not allowed. -#}
{% macro item_member(field, json, text) -%}
    {%- set is_number = field.type in ('amount', 'integer') -%}
    {%- set value -%}
        {{ 'cast(' ~ text ~ ' as ' ~ field.data_type ~ ')' if is_number
            else field_value(field, json, text) }}
    {%- endset -%}
    case
        when {{ is_allowed(field, value) }}
            then {% if field.type == 'amount' -%}
                '"' || {{ text }} || '"'
            {%- elif field.type == 'integer' -%}
                {{ text }}
            {%- elif field.type == 'currency' -%}
                '"' || {{ value }} || '"'
            {%- elif field.type == 'boolean' -%}
                {{ json }}
            {%- else -%}
                {{ json_string(json) }}
            {%- endif %}
    end
{%- endmacro %}

{#- What is wrong with each item, as `<reason> <field>`; NULL for one that is right. -#}
{% macro list_faults(column) -%}
    {%- set places = item_places(column) -%}
    {%- set fault -%}
        case
            when substr(item[1], 1, 1) <> '{' then 'wrong_type {{ column.name }}'
            {%- for field in column.fields %}
            {%- set at = places[field.name] %}
            {%- set given = json_is_given(at.json) ~ ' and ' if not field.required else '' %}
            {%- set path = column.name ~ '.' ~ field.name %}
            {%- if field.required %}
            when not {{ json_is_given(at.json) }} then 'missing_field {{ path }}'
            {%- endif %}
            when {{ given }}not {{ is_of_json_type(field, at.json) }} then 'wrong_type {{ path }}'
            {%- if field.type != 'boolean' %}
            when {{ given }}{{ at.member }} is null then 'invalid_value {{ path }}'
            {%- endif %}
            {%- endfor %}
        end
    {%- endset -%}
    {{- transform_list(column.name ~ '_json_items', 'item', fault) -}}
{%- endmacro %}

{#- The list as silver has it; NULL for one that is not as the contract says. -#}
{% macro list_text(column) -%}
    {%- set places = item_places(column) -%}
    {%- set members = [] -%}
    {%- for field in column.fields -%}
        {%- set member = "',\"" ~ field.name ~ "\":' || " ~ places[field.name].member -%}
        {%- do members.append('coalesce(' ~ member ~ ", '')") -%}
    {%- endfor -%}
    case
        when
            {{ join_texts(column.name ~ '_json_faults', ',') }} = ''
            and json_array_length({{ column.name }}_json) <= {{ column.most }}
            then '[' || {{ join_texts(
                transform_list(
                    column.name ~ '_json_items', 'item',
                    "'{' || substr(" ~ members | join(' || ') ~ ", 2) || '}'"
                ), ','
            ) }} || ']'
    end
{%- endmacro %}

{#- Branches of the case expression in staged_events that finds what is wrong with an event, as reject_field:
    of the list, and then of the first of its items that is wrong. -#}
{% macro reject_list(column, type) -%}
    {%- set json = column.name ~ '_json' -%}
    {%- set faults = join_texts(column.name ~ '_json_faults', ',') -%}
    {%- if column.required %}
    when
        not {{ json_is_given(json) }}{{ " and op <> 'delete'" if type.kind == 'row' }}
        then 'missing_field {{ column.name }}'
    {%- endif %}
    when {{ json_is_given(json) }} and substr({{ json }}, 1, 1) <> '['
        then 'wrong_type {{ column.name }}'
    when json_array_length({{ json }}) > {{ column.most }}
        then 'invalid_value {{ column.name }}'
    when {{ faults }} <> ''
        then split_part({{ faults }}, ',', 1)
{%- endmacro %}

{#- The JSON at fault: that of the item which is wrong, or of the list. -#}
{% macro rejected_of_list(column) -%}
    {%- set place = 'array_position(' ~ column.name ~ '_json_faults, verdict)' -%}
    case
        when {{ place }} > 0 then {{ column.name }}_json_items[{{ place }}][1]
        else {{ column.name }}_json
    end
{%- endmacro %}
