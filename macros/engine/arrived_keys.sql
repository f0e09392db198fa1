{#- The keys, (system, id), that an accepted table's arrivals of this run name, as a query; none where these need not be
    all that changed, as after a failed run. Among them are all that its merges write to and all that its
    quarantine takes back: so what is built from its tables need not look for what was written there.

    table  the accepted table whose arrivals they are
    id     its column that holds the id -#}
{% macro arrived_keys(table, id) -%}
    {%- set judged = kept('judged').get(table.name) if is_merged_at_once() else none -%}
    {%- if not judged or not built_with_its_upstream(model) -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set query -%}
    select distinct
        {{ system_of('source') }} as system,
        {{ id }}
    from {{ judged.relation }}
    where {{ is_identifier(id) }}
    {%- endset -%}
    {{- return(query) -}}
{%- endmacro %}
