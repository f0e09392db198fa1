{#- What has arrived for an accepted table, parsed and judged once: the lines of its event types, typed, with
    the reasons to reject them. A table for this invocation alone, from which silver is built; whatever reads
    it goes by `judged_lines` and does without where it was not made.

    judged_arrivals(domain)   of the facts of a domain
    judged_versions(entity)   of the images of rows of one type

    Example, the whole of models/staging/carts/stg_carts__arrivals.sql:

    {% raw %}{{ judged_arrivals('carts') }}{% endraw %} -#}
{% macro judged_arrivals(domain) -%}
    {{- retailpulse.judged(domain ~ '_events') -}}
{%- endmacro %}

{% macro judged_versions(entity) -%}
    {{- retailpulse.judged(entity ~ '_versions') -}}
{%- endmacro %}

{% macro judged(name) -%}
{%- set table = accepted_table(name) -%}
{{ config(
    enabled=table.is_enabled,
    materialized='arrivals',
    schema='silver',
    table_type='iceberg',
    format='parquet',
    meta={'judged_for': name},
) }}
{%- if can_look_up() and flags.WHICH in ('build', 'run') and not is_judged(name) -%}
    {{- return(nothing_to_do()) -}}
{%- endif -%}
{%- set window = {'low': judged_low(name), 'high': run_at()} if execute else {'low': none, 'high': '9999'} %}
{%- set columns = (['op', 'sequence'] if table.kind == 'row' else [])
    + table.columns | map(attribute='name') | list %}
{%- for type in table.types %}
{{ 'union all' if not loop.first }}

select
    {{ envelope_columns() }},
    event_at,
    {{- columns_of_type(table, type, columns) }},
    reject_reason,
    reject_field,
    reject_value
from {{ ref(type.staging_model) }}
where {{ arrived_in(window) }}
{%- endfor %}
{%- endmacro %}

{#- The lines of an accepted table's event types, judged, as a query.

    columns  those that are wanted, of the staging models' and the table's
    filter   condition on them
    low      the arrival from which on they are wanted, text; none for all -#}
{% macro judged_lines(table, columns, filter, low) -%}
    {%- if not execute -%}
        {%- do ref(arrivals_of(table)) -%}
    {%- endif -%}
    {%- set judged = kept('judged').get(table.name)
        if can_look_up() and model.resource_type != 'unit_test' else none -%}
    {%- if judged and (judged.low is none or low is not none and low >= judged.low) %}
    select {{ columns | join(', ') }}
    from {{ judged.relation }}
    where {{ filter }}
    {%- else %}
    {%- for type in table.types %}
    {{ 'union all' if not loop.first }}
    select
        {{- columns_of_type(table, type, columns) }}
    from {{ ref(type.staging_model) }}
    where {{ filter }}
    {%- endfor %}
    {%- endif %}
{%- endmacro %}

{#- From when on an accepted table's lines are read in this invocation to build from them; none for all of
    them. A test that reads all of raw reads it by itself: it is no reason to keep all of it. -#}
{% macro judged_low(name) -%}
    {%- set recorded = recorded_windows() -%}
    {%- set lows = [] -%}
    {%- for node in raw_readers() if reads_types_of(node, name) -%}
        {%- set low = reads_from(node, recorded) -%}
        {%- if low is not none or node.config.materialized == 'incremental' -%}
            {%- do lows.append(low) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(none if not lows or none in lows else lows | min) -}}
{%- endmacro %}

{#- Whether a node reads lines of an accepted table's event types. -#}
{% macro reads_types_of(node, name) -%}
    {%- set types = event_types_by_model()[name] -%}
    {{- return(upstream_event_types(node) | select('in', types) | list | length > 0) -}}
{%- endmacro %}
