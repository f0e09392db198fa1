{#- The relation of raw lines, for staging: the source `raw.events`. On DuckDB it lists the objects that
    this invocation reads and no others: finding the objects of one hour in a year of hours took 0.6 s
    a statement by the source's own pattern, and nothing measurable by day. Every consumer filters by its
    own window all the same.

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
    {%- set low = earliest_arrival() -%}
    {%- set days = arrival_days(low) -%}
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
        {%- if days is none %}
        select '{{ pattern }}' as object
        where exists (select 1 from glob(getvariable('raw_zone') || '{{ pattern }}'))
        {%- else %}
        {{ arrived_objects(pattern, low) }}
        {%- endif %}
        {%- endfor %}
    {%- endset -%}
    {%- do objects.extend(run_query(matches).columns[0].values()) -%}
    {%- set found = "[getvariable('raw_zone') || found for found in ['"
        ~ objects | join("', '") ~ "']]" -%}
    {{- return(location | replace(everything, found)) -}}
{%- endmacro %}

{#- The objects that match `pattern`, which names a day, and may hold arrivals from `low` to the start of
    this run: by their names, which begin with the time that all of their lines have (the ingester's
    `unique_batch_id`). Without this each run read again all that had arrived in that hour: 5 s after the
    demo. The pattern itself where they are too many to name, or one has a name of another form. -#}
{% macro arrived_objects(pattern, low) -%}
    {%- set times = [] -%}
    {%- for at in [low, run_at()] -%}
        {%- do times.append(at | replace('-', '') | replace(':', '') | replace(' ', 'T')) -%}
    {%- endfor -%}
    {%- set form = '/event_type=[a-z0-9_]+/dt=[0-9-]+/hour=[0-9]+/'
        ~ '([0-9]{8}T[0-9]{6}[.][0-9]{6})Z-[a-z0-9-]+[.]ndjson[.]gz$' -%}
    select unnest(
        case
            when bool_or(arrived_at = '') or count(*) > 1000 then ['{{ pattern }}']
            else list(substr(file, length(getvariable('raw_zone')) + 1))
        end
    ) as object
    from (
        select
            file,
            regexp_extract(file, '{{ form }}', 1) as arrived_at
        from glob(getvariable('raw_zone') || '{{ pattern }}')
    ) as objects
    where
        arrived_at = ''
        or arrived_at between '{{ times[0] }}' and '{{ times[1] }}'
    having count(*) > 0
{%- endmacro %}

{#- From when on (text) the nodes of this invocation read of raw; none for all of it. All of it unless
    each reader says from when on it reads: what is left out is lost. -#}
{% macro earliest_arrival() -%}
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
    {{- return(none if not lows or none in lows else lows | min) -}}
{%- endmacro %}

{#- The days of arrival (text) from `low` to this run; none where `low` is. -#}
{% macro arrival_days(low) -%}
    {%- if low is none -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set days = [] -%}
    {%- set first = modules.datetime.date.fromisoformat(low[:10]) -%}
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
