{#- Columns of a staging model, by name, in a form that can stand beside those of the other types of its
    domain: what the type does not have is NULL, in the type that the column has elsewhere.

    type   one of known_event_types()
    names  of columns: of the staging models of its domain, any of them -#}
{% macro columns_or_nulls(type, names) -%}
    {%- set elsewhere = {} -%}
    {%- for known in known_event_types() if known.domain == type.domain -%}
        {%- for column in known.columns | default([]) -%}
            {%- do elsewhere.update({column.name: column_type(column)}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set own = type.columns | default([]) | map(attribute='name') | list -%}
    {%- set selected = [] -%}
    {%- for name in names -%}
        {%- if name in elsewhere and name not in own -%}
            {%- do selected.append('cast(null as ' ~ elsewhere[name] ~ ') as ' ~ name) -%}
        {%- else -%}
            {%- do selected.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(selected) -}}
{%- endmacro %}
