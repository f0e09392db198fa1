{#- The relation of raw lines, for staging: the source `raw.events`. On DuckDB it lists the objects that
    this invocation reads and no others: finding the objects of one hour in a year of hours took 0.6 s
    a statement by the source's own pattern, and nothing measurable by day. Every consumer filters by its
    own window all the same.

    event_type  the type; none for all -#}
{% macro raw_lines(event_type=none) -%}
    {{ return(adapter.dispatch('raw_lines', 'retailpulse')(event_type)) }}
{%- endmacro %}

{#- Partition projection finds the hours of the filter's literals; within an hour the names of the objects
    say which are of before. Not opened they are not billed: in the mean a fast run opened a whole half
    hour's, twice. -#}
{% macro athena__raw_lines(event_type) -%}
    {%- set relation = source('raw', 'events') -%}
    {%- set low = earliest_arrival(event_type) if can_look_up() and event_type else none -%}
    {%- if low is none -%}
        {{- return(relation) -}}
    {%- endif -%}
    {{- return(
        '(select line, event_type, dt, hour from ' ~ relation ~ ' where '
        ~ lies_in_objects_since([event_type], low) ~ ') as events'
    ) -}}
{%- endmacro %}

{#- A raw line lies in an object that may hold arrivals from a time on, by its name: literals, as Athena
    compares names before it opens objects.

    types  the line's event type is one of these
    low    the time, text -#}
{% macro lies_in_objects_since(types, low) -%}
    {%- set known = kept('location of raw') -%}
    {%- if 'location' not in known -%}
        {%- set raw = graph.sources['source.' ~ project_name ~ '.raw.events'] -%}
        {%- do known.update({'location': adapter.get_glue_table_location(api.Relation.create(
            database=raw.database, schema=raw.schema, identifier=raw.identifier
        )).rstrip('/')}) -%}
    {%- endif -%}
    {%- set conditions = [] -%}
    {%- for type in types -%}
        {%- set folder = known.location ~ '/event_type=' ~ type -%}
        {%- do conditions.append(
            '"$path" between ' ~ "'" ~ folder ~ '/dt=' ~ low[:10] ~ '/hour=' ~ low[11:13] ~ '/'
            ~ as_name(low) ~ "' and '" ~ folder ~ "/dt=9999'"
        ) -%}
    {%- endfor -%}
    {{- return('(' ~ conditions | join(' or ') ~ ')') -}}
{%- endmacro %}

{% macro duckdb__raw_lines(event_type) -%}
    {#- A unit test's fixture has no pattern in it, and stays as it is. -#}
    {%- set location = source('raw', 'events') | string -%}
    {%- set everything = "getvariable('raw_zone') || '/events/*/*/*/*.ndjson.gz'" -%}
    {%- if everything not in location or not can_look_up() -%}
        {{- return(location) -}}
    {%- endif -%}
    {#- DuckDB refuses a list without an object: the one without lines that the profile's plugin puts
        there is always in. -#}
    {%- set listed = ['/events/event_type=unknown/dt=1970-01-01/hour=00/empty.ndjson.gz'] -%}
    {%- set found = raw_objects(earliest_arrival()) -%}
    {%- for type in found if event_type in (none, type) -%}
        {%- do listed.extend(found[type].objects) -%}
    {%- endfor -%}
    {%- set objects = "[getvariable('raw_zone') || found for found in ['"
        ~ listed | join("', '") ~ "']]" -%}
    {{- return(location | replace(everything, objects)) -}}
{%- endmacro %}

{#- The raw objects that may hold arrivals from `low` (text; none for all) to the start of this run:
    {event type: {'objects': their names, or patterns where they are too many to name,
                  'latest': the arrival of the latest, text}}

    By their names, which begin with the time that all of their lines have (the ingester's
    `unique_batch_id`); an object whose name has another form may hold anything. Without this each run
    read again all that had arrived in that hour: 5 s after the demo. One listing for all types. -#}
{% macro raw_objects(low) -%}
    {%- set known = kept('raw objects') -%}
    {%- if low not in known -%}
        {%- do known.update({low: list_raw_objects(low)}) -%}
    {%- endif -%}
    {{- return(known[low]) -}}
{%- endmacro %}

{% macro list_raw_objects(low) -%}
    {%- set days = arrival_days(low) -%}
    {%- set times = [] -%}
    {%- for at in [low or '1970-01-01 00:00:00.000000', run_at()] -%}
        {%- do times.append(as_name(at)) -%}
    {%- endfor -%}
    {%- set form = '/event_type=[a-z0-9_]+/dt=[0-9-]+/hour=[0-9]+/'
        ~ '([0-9]{8}T[0-9]{6}[.][0-9]{6})Z-[a-z0-9-]+[.]ndjson[.]gz$' -%}
    {%- set query -%}
        with

        found as (

            {%- for day in days or ['*'] %}
            {{ 'union all' if not loop.first }}
            select
                file,
                '{{ 'dt=' ~ day if days else '*' }}' as day,
                regexp_extract(file, '/event_type=([a-z0-9_]+)/[^/]*/[^/]*/[^/]*$', 1) as event_type,
                regexp_extract(file, '{{ form }}', 1) as arrived_at
            from glob(
                getvariable('raw_zone') || '/events/*/{{ 'dt=' ~ day if days else '*' }}/*/*.ndjson.gz'
            )
            {%- endfor %}

        )

        select
            event_type,
            unnest(
                case
                    when {{ 'false' if days else 'true' }} or bool_or(arrived_at = '') or count(*) > 1000
                        then ['/events/event_type=' || event_type || '/' || day || '/*/*.ndjson.gz']
                    else list(substr(file, length(getvariable('raw_zone')) + 1))
                end
            ) as object,
            max(case when arrived_at = '' then '9999' else arrived_at end) as latest
        from found
        where
            event_type <> ''
            and (arrived_at = '' or arrived_at between '{{ times[0] }}' and '{{ times[1] }}')
        group by event_type, day
    {%- endset -%}
    {%- set found = {} -%}
    {%- for row in run_query(query).rows -%}
        {%- set type = found.setdefault(row[0], {'objects': [], 'latest': ''}) -%}
        {%- do type.objects.append(row[1]) -%}
        {%- do type.update({'latest': [type.latest, as_time(row[2])] | max}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- A time (text) in the form that objects' names begin with. -#}
{% macro as_name(time) -%}
    {{- return(time | replace('-', '') | replace(':', '') | replace(' ', 'T')) -}}
{%- endmacro %}

{#- The time in an object's name in the form that all windows have. -#}
{% macro as_time(name) -%}
    {%- if name | string == '9999' -%}
        {{- return('9999') -}}
    {%- endif -%}
    {{- return(
        name[:4] ~ '-' ~ name[4:6] ~ '-' ~ name[6:8] ~ ' '
        ~ name[9:11] ~ ':' ~ name[11:13] ~ ':' ~ name[13:]
    ) -}}
{%- endmacro %}

{#- From when on (text) the nodes of this invocation read of raw, or of one type in it; none for all of it. All
    of it unless each reader says from when on it reads: what is left out is lost. -#}
{% macro earliest_arrival(event_type=none) -%}
    {%- set known = kept('earliest arrival') -%}
    {%- if event_type not in known -%}
        {%- set recorded = recorded_windows() -%}
        {%- set lows = [] -%}
        {%- for node in raw_readers()
            if event_type is none or event_type in upstream_event_types(node)
        -%}
            {%- do lows.append(reads_from(node, recorded)) -%}
        {%- endfor -%}
        {%- do known.update({event_type: none if not lows or none in lows else lows | min}) -%}
    {%- endif -%}
    {{- return(known[event_type]) -}}
{%- endmacro %}

{#- From when on a node reads of raw; none for all of it. -#}
{% macro reads_from(node, recorded) -%}
    {%- if node.config.materialized == 'incremental' -%}
        {{- return(window_low(node, recorded)) -}}
    {%- elif (node.config.meta or {}).get('reads_recent_arrivals') -%}
        {{- return(recent_arrivals_low(node)) -}}
    {%- endif -%}
    {{- return(none) -}}
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
    {%- set known = kept('raw readers') -%}
    {%- if 'nodes' not in known -%}
        {%- set readers = [] -%}
        {%- for node in selected_nodes()
            if reads_raw(node) and node.config.materialized not in ('ephemeral', 'arrivals')
        -%}
            {%- do readers.append(node) -%}
        {%- endfor -%}
        {%- do known.update({'nodes': readers}) -%}
    {%- endif -%}
    {{- return(known.nodes) -}}
{%- endmacro %}
