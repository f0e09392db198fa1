{#- on-run-start: stop at a lakehouse that an earlier version built, or whose tables are being swapped,
    before anything is written. Of the first the keys, types and partitions are others, so that a run would
    fail halfway or add to half of the tables; the second would come to be of both. By the names and
    kinds of its tables, which Glue or DuckLake's catalog lists: no statement is sent. The rebuild is let through. -#}
{% macro stop_at_former_tables() -%}
    {%- if can_look_up() and flags.WHICH in ('build', 'run', 'test', 'retry', 'run-operation')
        and not var('rebuild', none)
    -%}
        {%- set former = 'an earlier version of RetailPulse built this lakehouse' -%}
        {%- for schema, name, what in [
            ('_silver', 'unfinished_rebuild', 'a rebuild of this lakehouse ended before it was done'),
            ('_silver', 'order_events', former),
            ('', 'fact_orders', former),
        ] -%}
            {%- set relation = load_relation(api.Relation.create(
                database=target.database, schema=target.schema ~ schema, identifier=name
            )) -%}
            {#- fact_orders is a view now. -#}
            {%- if relation is not none and relation.is_table -%}
                {%- do exceptions.raise_compiler_error(
                    what ~ ' (it has the table ' ~ name ~ '): `' ~ rebuild_command()
                    ~ '` builds silver and gold again from raw, docs/upgrade.md says what changes'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- What makes silver and gold again from raw, on this engine. -#}
{% macro rebuild_command() -%}
    {{- return(
        'retailpulse cloud run <environment> repair --rebuild'
        if target.type == 'athena' else 'retailpulse rebuild'
    ) -}}
{%- endmacro %}
