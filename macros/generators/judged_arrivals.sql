{#- What has arrived of a domain, parsed and judged once: the lines of all of its event types, typed, with
    the reasons to reject them. A table for this invocation alone, from which the domain's silver is built;
    whatever reads it goes by `judged_lines` and does without where it was not made.

    Example, the whole of models/staging/carts/stg_carts__arrivals.sql:

    {% raw %}{{ judged_arrivals('carts') }}{% endraw %} -#}
{% macro judged_arrivals(domain) -%}
{{ config(materialized='arrivals', schema='silver', table_type='iceberg', format='parquet') }}
{%- if can_look_up() and flags.WHICH in ('build', 'run') and not is_judged(domain) -%}
    {{- return(nothing_to_do()) -}}
{%- endif -%}
{%- set window = {'low': judged_low(domain), 'high': run_at()} if execute else {'low': none, 'high': '9999'} %}
{%- set types = known_event_types() | selectattr('domain', 'equalto', domain) | list %}
{%- set columns = arrivals_columns(domain) %}
{%- for type in types %}
{%- set own = type.columns | map(attribute='name') | list %}
{%- set typed = accepted_table(type.accepted_model).columns %}
{{ 'union all' if not loop.first }}

select
    {{ envelope_columns() }},
    event_at,
    {%- for name in ['op', 'sequence'] %}
    {{ name if type.kind == 'row' else 'cast(null as varchar) as ' ~ name }},
    {%- endfor %}
    {%- for column in columns %}
    {{ column.name if column.name in own
            and {'name': column.name, 'data_type': column.data_type} in typed
        else 'cast(null as ' ~ engine_type(column.data_type) ~ ')' }} as {{ column.arrivals_name }},
    {%- endfor %}
    reject_reason,
    reject_field,
    reject_value
from {{ ref(type.staging_model) }}
where {{ arrived_in(window) }}
{%- endfor %}
{%- endmacro %}

{#- The business columns of a domain's arrivals: [{'name', 'data_type', 'arrivals_name'}]. Tables of rows may
    have a name in common and not its type, as a key, which is text, and the number that refers to it: then
    the type is a part of the name, behind `__`, which no column of a database's table has here. -#}
{% macro arrivals_columns(domain) -%}
    {%- set types = {} -%}
    {%- for table in accepted_tables(domain) -%}
        {%- for column in table.columns -%}
            {%- set known = types.setdefault(column.name, []) -%}
            {%- if column.data_type not in known -%}
                {%- do known.append(column.data_type) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set columns = [] -%}
    {%- for name, data_types in types.items() -%}
        {%- for data_type in data_types -%}
            {%- set suffix = modules.re.sub('[^a-z0-9]+', '_', data_type).strip('_') -%}
            {%- do columns.append({
                'name': name,
                'data_type': data_type,
                'arrivals_name': name if data_types | length == 1 else name ~ '__' ~ suffix,
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(columns) -}}
{%- endmacro %}

{#- A domain's judged arrivals, under the names that one of its accepted tables has for its columns. -#}
{% macro judged_as(table, relation) -%}
    {%- set renamed = [] -%}
    {%- for column in arrivals_columns(table.domain) if column.arrivals_name != column.name -%}
        {%- if {'name': column.name, 'data_type': column.data_type} in table.columns -%}
            {%- do renamed.append(column.arrivals_name ~ ' as ' ~ column.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(
        '(select *, ' ~ renamed | join(', ') ~ ' from ' ~ relation ~ ') as judged'
        if renamed else relation
    ) -}}
{%- endmacro %}

{#- The lines of an accepted table's event types, judged, as a query.

    columns  those that are wanted, of the staging models' and the table's
    filter   condition on them
    low      the arrival from which on they are wanted, text; none for all -#}
{% macro judged_lines(table, columns, filter, low) -%}
    {%- if not execute -%}
        {%- do ref('stg_' ~ table.domain ~ '__arrivals') -%}
    {%- endif -%}
    {%- set judged = kept('judged').get(table.domain)
        if can_look_up() and model.resource_type != 'unit_test' else none -%}
    {%- if judged and (judged.low is none or low is not none and low >= judged.low) %}
    select {{ columns | join(', ') }}
    from {{ judged_as(table, judged.relation) }}
    where
        event_type in ('{{ table.types | map(attribute='event_type') | join("', '") }}')
        and {{ filter }}
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

{#- From when on a domain's lines are read in this invocation to build from them; none for all of them. A
    test that reads all of raw reads it by itself: it is no reason to keep all of it. -#}
{% macro judged_low(domain) -%}
    {%- set recorded = recorded_windows() -%}
    {%- set lows = [] -%}
    {%- for node in raw_readers() if reads_domain(node, domain) -%}
        {%- set low = reads_from(node, recorded) -%}
        {%- if low is not none or node.config.materialized == 'incremental' -%}
            {%- do lows.append(low) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(none if not lows or none in lows else lows | min) -}}
{%- endmacro %}

{% macro reads_domain(node, domain) -%}
    {%- set types = known_event_types() | selectattr('domain', 'equalto', domain)
        | map(attribute='event_type') | list -%}
    {{- return(upstream_event_types(node) | select('in', types) | list | length > 0) -}}
{%- endmacro %}
