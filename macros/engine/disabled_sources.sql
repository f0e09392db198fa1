{#- The sources whose models are not built: the variable of that name. -#}
{% macro disabled_sources() -%}
    {%- set named = var('disabled_sources') or [] -%}
    {%- if named is string -%}
        {%- do exceptions.raise_compiler_error(
            'the variable disabled_sources is a list: write [' ~ named ~ ']'
        ) -%}
    {%- endif -%}
    {{- return(named) -}}
{%- endmacro %}

{#- on-run-start: a name that is no source's disables nothing, so it is refused. -#}
{% macro stop_at_unknown_sources() -%}
    {%- set known = known_event_types() | map(attribute='source') | reject('none') | unique | list -%}
    {%- for name in disabled_sources() if name not in known -%}
        {%- do exceptions.raise_compiler_error(
            'the variable disabled_sources lists sources of ingestion/contracts: '
            ~ known | join(', ') ~ '; it has ' ~ name
        ) -%}
    {%- endfor -%}
{%- endmacro %}
