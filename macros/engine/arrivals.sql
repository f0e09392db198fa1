{#- What has landed for the incremental models of this invocation, found by one look for all of them
    (an on-run-start hook):

    {'types': {event type: {'is_new': whether anything has landed in the window of a model that reads it,
                            'days': the UTC days that its events may have, text}},
     'keys': {`<accepted table>.<field>`: ranges that hold the keys of all that has landed, as key_ranges.sql
              has them},
     'landed': {event type: {hour of arrival, text: how many lines the fast path's test has to find}}}

    A type of which nothing has landed is not in it; DuckDB asks for the types alone. None where
    nobody looked: anything may be new then, as in a first build, in a compilation, or after a rebuild
    variable changed. -#}
{% macro arrivals() -%}
    {{- return(kept('arrivals').get('found')) -}}
{%- endmacro %}

{#- on-run-start. -#}
{% macro look_for_arrivals() -%}
    {%- if can_look_up() and flags.WHICH in ('build', 'run') and not var('backfill', none) -%}
        {%- set lows = arrival_lows() -%}
        {%- if lows -%}
            {%- do kept('arrivals').update(
                {'found': adapter.dispatch('find_arrivals', 'retailpulse')(lows)}
            ) -%}
        {%- elif lows is not none -%}
            {#- It is the time of none of them. -#}
            {%- do kept('arrivals').update({'found': {'types': {}, 'keys': {}, 'landed': {}}}) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- From when on each event type is read in this invocation, as {event type: text}, by the models whose
    time it is; none where one reads all of its history, or no model reads raw. -#}
{% macro arrival_lows() -%}
    {%- set recorded = recorded_windows() -%}
    {%- set waiting = [] -%}
    {%- set whole = [] -%}
    {%- set lows = {} -%}
    {%- for node in selected_incrementals() if reads_raw(node) -%}
        {%- set low = window_low(node, recorded) -%}
        {%- if low is none and is_due(node) -%}
            {{- return(none) -}}
        {%- endif -%}
        {%- do (whole if low is none else waiting).append(node.name) -%}
        {%- for type in upstream_event_types(node) if is_due(node) -%}
            {%- do lows.update({type: [low, lows.get(type, low)] | min}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(lows if lows or (waiting and not whole) else none) -}}
{%- endmacro %}

{#- One statement, which reads of raw the type, the time, the arrival and the key of each line. No staging
    model is asked: none can be, outside of a model, as they are ephemeral.

    Each line is counted under its hour of arrival (length -2), under its day (-1) and under its key (0):
    one pass, as Trino runs a CTE as often as it is named. -#}
{% macro athena__find_arrivals(lows) -%}
    {%- set tested = arrivals_to_test(lows) -%}
    {%- set earliest = lows.values() | list + tested | map(attribute='low') | list -%}
    {%- set window = {'low': earliest | min, 'high': run_at()} -%}
    {%- set keys = {} -%}
    {%- for type in known_event_types() if type.event_type in lows -%}
        {%- do keys.setdefault((type.accepted_model, type.key[0]), []).append(type.event_type) -%}
    {%- endfor -%}
    {%- set query -%}
        with

        extracted as (

            select
                event_type,
                dt,
                hour,
                {{ json_extract_all('line', ['$.received_at', '$.event_ts']) }} as value,
                case
                    {#- Alone, where lines of no known type are all that is looked for. #}
                    when false then array[cast(null as varchar)]
                    {%- for (_, key), types in keys.items() %}
                    when event_type in ('{{ types | join("', '") }}')
                        then {{ json_extract_all(
                            'line',
                            ['$.payload.specversion', '$.payload.' ~ key, '$.payload.data.' ~ key]
                        ) }}
                    {%- endfor %}
                end as key_value
            from {{ graph.sources['source.' ~ project_name ~ '.raw.events'].relation_name }}
            where
                event_type in ('{{ lows | join("', '") }}')
                and {{ landed_in_hours(window) }}
                and {{ lies_in_objects_since(lows, window.low) }}

        ),

        landed as (

            select
                event_type,
                dt,
                hour,
                {{ arrival_of_line('value[1]') }} as received_at,
                {{ json_text('value[2]') }} as event_ts,
                case
                    when {{ json_is_string('key_value[1]') }} then {{ json_text('key_value[3]') }}
                    else {{ json_text('key_value[2]') }}
                end as key
            from extracted

        ),

        dated as (

            select
                event_type,
                case
                    when false then ''
                    {%- for (table, key), types in keys.items() %}
                    when event_type in ('{{ types | join("', '") }}') then '{{ table }}.{{ key }}'
                    {%- endfor %}
                end as key_name,
                cast(cast({{ iso8601_timestamp('event_ts') }} as date) as varchar) as day,
                case when {{ is_identifier('key') }} then key end as key,
                case
                    {%- for low in lows.values() | unique | sort %}
                    when
                        event_type in (
                            {%- for type in lows if lows[type] == low %}'{{ type }}'{{ ', ' if not loop.last }}{% endfor -%}
                        )
                        and received_at >= timestamp '{{ low }}'
                        then 1
                    {%- endfor %}
                    else 0
                end as is_new,
                case
                    {#- Alone, as `dbt run` tests nothing. #}
                    when false then ''
                    {%- for test in tested %}
                    when
                        event_type in ('{{ test.types | join("', '") }}')
                        and received_at >= timestamp '{{ test.low }}'
                        and received_at < timestamp '{{ test.high }}'
                        then cast(date_trunc('hour', received_at) as varchar)
                    {%- endfor %}
                end as hour_to_test
            from landed
            where {{ arrived_in(window) }}

        ),

        counted as (

            select
                length,
                name,
                part,
                max(is_new) as is_new,
                count(*) as line_count
            from (
                select
                    length,
                    case when length < 0 then event_type else key_name end as name,
                    case length
                        when -2 then hour_to_test
                        when -1 then day
                        else key
                    end as part,
                    is_new
                from dated
                cross join unnest(sequence(-2, 0)) as lengths (length)
            ) as parts
            where length = -1 or part is not null
            group by
                length,
                name,
                part

        ),

        {{ key_groups('counted', 'length, name', 'length = 0') }}

        select
            case length when -2 then 'hour' when -1 then 'day' else 'key' end as kind,
            name,
            concat('=', min(part)) as low,
            concat('=', max(part)) as high,
            max(is_new) as is_new,
            sum(line_count) as line_count
        from grouped
        group by
            length,
            name,
            key_group
        order by name, low
    {%- endset -%}
    {%- set found = {'types': {}, 'keys': {}, 'landed': {}} -%}
    {%- for type in tested | map(attribute='types') | sum(start=[]) -%}
        {%- do found.landed.update({type: {}}) -%}
    {%- endfor -%}
    {#- Texts come after a sign: agate reads `null` as NULL, which an order may have for its id, and makes
        dates of what looks like dates. -#}
    {%- for kind, name, low, high, is_new, line_count in run_query(query).rows -%}
        {%- if kind == 'hour' -%}
            {%- do found.landed[name].update({low[1:]: line_count}) -%}
        {%- elif kind == 'key' -%}
            {%- do found['keys'].setdefault(name, []).append({'low': low[1:], 'high': high[1:]}) -%}
        {%- else -%}
            {%- set type = found.types.setdefault(name, {'is_new': false, 'days': []}) -%}
            {%- do type.update({'is_new': type.is_new or is_new == 1}) -%}
            {#- A year after 9999 has more digits; no valid event has one. -#}
            {%- if low and low | length == 11 -%}
                {%- do type.days.append(low[1:]) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- The names of the objects say when their lines arrived: none is opened. -#}
{% macro duckdb__find_arrivals(lows) -%}
    {%- set types = {} -%}
    {%- for type, low in lows.items() -%}
        {%- set objects = raw_objects(low).get(type, {}) -%}
        {%- if objects -%}
            {%- do types.update({type: {'is_new': objects.latest >= low}}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return({'types': types, 'keys': {}, 'landed': {}}) -}}
{%- endmacro %}

{#- The tests of this invocation that count what has arrived lately, and what they count: their event types
    and [low, high) of arrival. Not one that counts from the beginning, nor one of types that nobody else
    looks for. -#}
{% macro arrivals_to_test(lows) -%}
    {%- set tests = [] -%}
    {%- for node in selected_nodes() if (node.config.meta or {}).get('reads_recent_arrivals') -%}
        {%- set low = recent_arrivals_low(node) -%}
        {%- set types = upstream_event_types(node) -%}
        {%- if low is not none and types | reject('in', lows) | list | length == 0 -%}
            {%- do tests.append({'types': types, 'low': low, 'high': settled_high(node)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(tests) -}}
{%- endmacro %}

{#- How many lines of a test's event types have landed, as the look has counted them: {hour of arrival,
    text: count}. So the test opens no raw object again, as each opening is billed. None where it has to
    count for itself. -#}
{% macro landed_by_hour(node) -%}
    {%- set landed = (arrivals() or {}).get('landed', {}) -%}
    {%- set hours = {} -%}
    {%- for type in upstream_event_types(node) -%}
        {%- if type not in landed -%}
            {{- return(none) -}}
        {%- endif -%}
        {%- for hour, count in landed[type].items() -%}
            {%- do hours.update({hour: hours.get(hour, 0) + count}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {#- In a statement's length. -#}
    {{- return(hours if hours | length <= 1000 else none) -}}
{%- endmacro %}

{#- Whether it is the time of a node: always, unless all of its event types are of the cadence `hourly`, as
    lines of no known type are, and it has been built in this hour; what has to read everything does not
    wait. On one machine there is nothing to save by waiting. -#}
{% macro is_due(node) -%}
    {%- if target.type == 'duckdb' -%}
        {{- return(true) -}}
    {%- endif -%}
    {#- Asked again when the run has ended, and its table may be there. -#}
    {%- set known = kept('due') -%}
    {%- if node.unique_id not in known -%}
        {%- set types = upstream_event_types(node) -%}
        {%- set fast = known_event_types() | selectattr('event_type', 'in', types)
            | rejectattr('cadence', 'equalto', 'hourly') | list -%}
        {%- set recorded = recorded_windows() -%}
        {%- do known.update({
            node.unique_id: fast | length > 0
                or types | length == 0
                or window_low(node, recorded) is none
                or recorded[node.name].high[:13] != run_at()[:13],
        }) -%}
    {%- endif -%}
    {{- return(known[node.unique_id]) -}}
{%- endmacro %}

{#- Whether an incremental model has something to do in this run: something of its event types has
    landed, or what it is made of was written since its own last success. -#}
{% macro has_work(node) -%}
    {%- set found = arrivals() -%}
    {%- set recorded = recorded_windows() -%}
    {%- if found is none or window_low(node, recorded) is none -%}
        {{- return(true) -}}
    {%- endif -%}
    {%- if not is_due(node) -%}
        {{- return(false) -}}
    {%- endif -%}
    {{- return(has_new_arrivals(node) or not built_with_its_upstream(node)) -}}
{%- endmacro %}

{#- Whether something has landed of the event types that a node is made of; true where nobody looked. -#}
{% macro has_new_arrivals(node) -%}
    {%- set found = arrivals() -%}
    {%- if found is none -%}
        {{- return(true) -}}
    {%- endif -%}
    {%- for type in upstream_event_types(node) if found.types.get(type, {}).get('is_new') -%}
        {{- return(true) -}}
    {%- endfor -%}
    {{- return(false) -}}
{%- endmacro %}

{#- Whether a node's last success was in the same run as that of all incremental models upstream of it:
    then what they write in this run is all that is new to it. -#}
{% macro built_with_its_upstream(node) -%}
    {%- set recorded = recorded_windows() -%}
    {%- set high = recorded.get(node.name, {}).get('high') -%}
    {%- for model in upstream_incrementals(node)
        if recorded.get(model.name, {}).get('high', '') > (high or '')
    -%}
        {{- return(false) -}}
    {%- endfor -%}
    {{- return(high is not none) -}}
{%- endmacro %}

{#- `column`, the UTC day of accepted events, is one that an event may have which landed lately. Literals,
    by which Athena leaves out the other partitions while it plans; by a join it does so only if the
    joined rows are there within a second. DuckDB always does by the join, and needs no look. -#}
{% macro in_event_days(column) -%}
    {{- return(adapter.dispatch('in_event_days', 'retailpulse')(column)) -}}
{%- endmacro %}

{% macro athena__in_event_days(column) -%}
    {%- set days = event_days() -%}
    {{- return('true' if days is none else in_dates(column, days)) -}}
{%- endmacro %}

{% macro duckdb__in_event_days(column) -%}
    {{- return('true') -}}
{%- endmacro %}

{#- An event of an accepted table, which has landed since the look for arrivals, waits for the next run,
    whose lookback takes it up: here its own day, or its key in what is built from it, would be left out. -#}
{% macro was_looked_at(table) -%}
    {{- return(adapter.dispatch('was_looked_at', 'retailpulse')(table)) -}}
{%- endmacro %}

{% macro athena__was_looked_at(table) -%}
    {%- if arrivals() is none -%}
        {{- return('true') -}}
    {%- endif -%}
    {%- set conditions = [in_event_days('cast(event_at as date)')] -%}
    {%- set types = {} -%}
    {%- for type in table.types -%}
        {%- do types.setdefault(type.key[0], []).append(type.event_type) -%}
    {%- endfor -%}
    {%- for key, names in types.items() -%}
        {%- set ranges = shortened(arrivals()['keys'].get(table.name ~ '.' ~ key, [])) -%}
        {%- do conditions.append(
            "(event_type not in ('" ~ names | join("', '") ~ "') or " ~ in_ranges(key, ranges) ~ ')'
        ) -%}
    {%- endfor -%}
    {{- return(conditions | join(' and ')) -}}
{%- endmacro %}

{% macro duckdb__was_looked_at(table) -%}
    {{- return('true') -}}
{%- endmacro %}

{#- The UTC days that the events of this model may have which landed lately, sorted; none where nobody
    looked. -#}
{% macro event_days() -%}
    {%- set found = arrivals() -%}
    {%- if found is none -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set days = [] -%}
    {%- for type in upstream_event_types(model) if type in found.types -%}
        {%- do days.extend(found.types[type].days) -%}
    {%- endfor -%}
    {{- return(days | unique | sort) -}}
{%- endmacro %}
