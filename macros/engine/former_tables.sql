{#- on-run-start: stop at a lakehouse that an earlier version built, before anything is written: its keys,
    types and partitions are others, so that a run would fail halfway or add to half of the tables. By the
    names of its tables, which Glue or DuckLake's catalog lists: no statement is sent. A repair that
    rebuilds silver is let through. -#}
{% macro stop_at_former_tables() -%}
    {%- set is_rebuilt = flags.FULL_REFRESH and var('allow_full_refresh', false) -%}
    {%- if can_look_up() and flags.WHICH in ('build', 'run', 'test', 'retry') and not is_rebuilt -%}
        {%- for name in former_tables() -%}
            {%- if load_relation(api.Relation.create(
                database=target.database, schema=target.schema ~ '_silver', identifier=name
            )) is not none -%}
                {%- do exceptions.raise_compiler_error(
                    'an earlier version of RetailPulse built this lakehouse (it has the table ' ~ name
                    ~ '): `' ~ rebuild_command() ~ '` builds silver and gold again from raw, '
                    ~ 'docs/upgrade.md says what changes'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- Tables of silver that earlier versions made and this one does not. -#}
{% macro former_tables() -%}
    {{- return(['order_events']) -}}
{%- endmacro %}

{#- What makes silver and gold again from raw, on this engine. -#}
{% macro rebuild_command() -%}
    {{- return(
        'retailpulse cloud run <environment> repair --select fqn:* --full-refresh'
        if target.type == 'athena' else 'retailpulse rebuild'
    ) -}}
{%- endmacro %}
