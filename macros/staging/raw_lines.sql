{#- The relation of raw lines, for staging: the source `raw.events`. On DuckDB it lists the objects of
    the days that this invocation reads and no others: finding the objects of one hour in a year of
    hours took 0.6 s a statement by the source's own pattern, and nothing measurable by day. Every
    consumer filters by its own window all the same.

    event_type  the type's folder, or `*` -#}
{% macro raw_lines(event_type='*') -%}
    {{ return(adapter.dispatch('raw_lines', 'retailpulse')(event_type)) }}
{%- endmacro %}

{#- Partition projection does the same there, from the literals of the filter. -#}
{% macro athena__raw_lines(event_type) -%}
    {{- source('raw', 'events') -}}
{%- endmacro %}

{% macro duckdb__raw_lines(event_type) -%}
    {#- A unit test's fixture has no pattern in it, and stays as it is. -#}
    {%- set location = source('raw', 'events') | string -%}
    {%- set everything = "getvariable('raw_zone') || '/events/*/*/*/*.ndjson.gz'" -%}
    {%- if everything not in location or not can_look_up() -%}
        {{- return(location) -}}
    {%- endif -%}
    {%- set folder = '/events/event_type=' -%}
    {%- set days = arrival_days() -%}
    {%- if days is none -%}
        {%- set patterns = [folder ~ event_type ~ '/*/*/*.ndjson.gz'] -%}
    {%- else -%}
        {%- set patterns = [] -%}
        {%- for day in days -%}
            {%- do patterns.append(folder ~ event_type ~ '/dt=' ~ day ~ '/*/*.ndjson.gz') -%}
        {%- endfor -%}
    {%- endif -%}
    {#- DuckDB refuses a pattern that matches nothing: such days are left out, and the object without
        lines that the profile's plugin puts there is always in. -#}
    {%- set objects = [folder ~ 'unknown/dt=1970-01-01/hour=00/empty.ndjson.gz'] -%}
    {%- set matches -%}
        {%- for pattern in patterns %}
        {{ 'union all' if not loop.first }}
        select '{{ pattern }}' as pattern
        where exists (select 1 from glob(getvariable('raw_zone') || '{{ pattern }}'))
        {%- endfor %}
    {%- endset -%}
    {%- for row in run_query(matches).rows -%}
        {%- do objects.append(row[0]) -%}
    {%- endfor -%}
    {%- set found = "[getvariable('raw_zone') || found for found in ['"
        ~ objects | join("', '") ~ "']]" -%}
    {{- return(location | replace(everything, found)) -}}
{%- endmacro %}

{#- The days of arrival (text) that the nodes of this invocation read of raw; none for all of them.
    All of them unless each reader says from when on it reads: a list that is too short would lose
    arrivals. -#}
{% macro arrival_days() -%}
    {%- set recorded = recorded_windows() -%}
    {%- set lows = [] -%}
    {%- for node in raw_readers() -%}
        {%- set meta = node.config.meta or {} -%}
        {%- if meta.get('reads_recent_arrivals') -%}
            {%- do lows.append(recent_arrivals_low(recorded)) -%}
        {%- else -%}
            {%- do lows.append(
                window_low(node, recorded) if meta.get('reads_by_arrival') else none
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not lows or none in lows -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set days = [] -%}
    {%- set first = modules.datetime.date.fromisoformat((lows | min)[:10]) -%}
    {%- set last = modules.datetime.date.fromisoformat(run_at()[:10]) -%}
    {%- for number in range((last - first).days + 1) -%}
        {%- do days.append((first + modules.datetime.timedelta(days=number)) | string) -%}
    {%- endfor -%}
    {#- A longer list costs more than it saves; an empty one has a low in this run's future. -#}
    {{- return(days if 0 < days | length <= 100 else none) -}}
{%- endmacro %}

{#- The selected nodes that read raw, be it through an ephemeral staging model. -#}
{% macro raw_readers() -%}
    {%- set raw = ['source.' ~ project_name ~ '.raw.events'] -%}
    {%- set inlined = [] -%}
    {%- for node in graph.nodes.values()
        if node.config.materialized == 'ephemeral' and raw[0] in node.depends_on.nodes
    -%}
        {%- do inlined.append(node.unique_id) -%}
    {%- endfor -%}
    {%- set readers = [] -%}
    {%- for id in selected_resources if id in graph.nodes and id not in inlined -%}
        {%- set node = graph.nodes[id] -%}
        {%- if node.depends_on.nodes | select('in', raw + inlined) | list -%}
            {%- do readers.append(node) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(readers) -}}
{%- endmacro %}
