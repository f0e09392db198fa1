{#- What is new for the incremental models of this invocation, found by one statement for all of them:
    {'is_new': whether any of them has something to read, 'event_days': the UTC days that the events
    may have which landed lately, text; none where nobody looked}.

    What has no window yet, or has to read everything again, always has something to read. -#}
{% macro news() -%}
    {{- return(once('news', look_for_news)) -}}
{%- endmacro %}

{% macro look_for_news() -%}
    {%- set unknown = {'is_new': true, 'event_days': none} -%}
    {%- if not can_look_up() -%}
        {{- return(unknown) -}}
    {%- endif -%}
    {%- set recorded = recorded_windows() -%}
    {%- set raw_lows = [] -%}
    {%- set looks = [] -%}
    {%- for id in selected_resources if id in graph.nodes and graph.nodes[id].resource_type == 'model'
        and graph.nodes[id].config.materialized == 'incremental'
    -%}
        {%- set node = graph.nodes[id] -%}
        {%- set low = window_low(node, recorded) -%}
        {%- if low is none -%}
            {{- return(unknown) -}}
        {%- endif -%}
        {%- if node.config.meta.get('reads_raw') -%}
            {%- do raw_lows.append(low) -%}
        {%- endif -%}
        {%- for read in node.depends_on.nodes if read in graph.nodes
            and graph.nodes[read].config.materialized == 'incremental'
            and node.config.meta.get('reads_silver')
        -%}
            {%- set relation = api.Relation.create(
                database=graph.nodes[read].database,
                schema=graph.nodes[read].schema,
                identifier=graph.nodes[read].alias
            ) -%}
            {%- do looks.append(
                "(select true as is_new, cast(null as varchar) as day from " ~ relation
                ~ " where processed_at > timestamp '" ~ low ~ "' limit 1)"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if raw_lows -%}
        {%- do looks.append(landed_days(
            {'low': raw_lows | min, 'high': run_at()},
            {'low': [raw_lows | min, recent_arrivals_low(recorded) or raw_lows | min] | min,
                'high': run_at()}
        )) -%}
    {%- endif -%}
    {%- if not looks -%}
        {{- return(unknown) -}}
    {%- endif -%}
    {%- set found = run_query(looks | unique | join(' union all ')).rows -%}
    {%- set days = [] -%}
    {#- A year after 9999 has more digits; no valid event has one. -#}
    {%- for row in found if row[1] and row[1] | length == 10 -%}
        {%- do days.append(row[1]) -%}
    {%- endfor -%}
    {{- return({
        'is_new': found | map(attribute=0) | select | list | length > 0,
        'event_days': days | unique | sort if raw_lows else none,
    }) -}}
{%- endmacro %}

{#- The UTC days of the events that landed in `wide`, which includes `window`, as text, NULL for those
    without a valid time; and whether any of them landed in `window`: (is_new, day). No staging model is
    asked: none can be, outside of a model, as they are ephemeral. -#}
{% macro landed_days(window, wide) -%}
    {%- set raw = graph.sources['source.' ~ project_name ~ '.raw.events'].relation_name -%}
    select
        max(case when {{ arrived_in(window) }} then 1 else 0 end) = 1 as is_new,
        day
    from (
        select
            received_at,
            cast(cast({{ iso8601_timestamp('event_ts') }} as date) as varchar) as day,
            dt,
            hour
        from (
            select
                {{ envelope_timestamp('value[1]') }} as received_at,
                {{ json_text('value[2]') }} as event_ts,
                dt,
                hour
            from (
                select
                    {{ json_extract_all('line', ['$.received_at', '$.event_ts']) }} as value,
                    dt,
                    hour
                from {{ raw }}
                where {{ landed_in_hours(wide) }}
            ) as extracted
        ) as landed
        where {{ arrived_in(wide) }}
    ) as dated
    group by day
{%- endmacro %}

{#- `column`, the UTC day of accepted events, is one that an event may have which landed lately. Literals,
    by which Athena leaves out the other partitions while it plans; by a join it does so only if the
    joined rows are there within a second. DuckDB always does by the join, and needs no look. -#}
{% macro in_event_days(column) -%}
    {{- return(adapter.dispatch('in_event_days', 'retailpulse')(column)) -}}
{%- endmacro %}

{% macro athena__in_event_days(column) -%}
    {%- set days = news().event_days -%}
    {{- return('true' if days is none else in_partitions(column, days)) -}}
{%- endmacro %}

{% macro duckdb__in_event_days(column) -%}
    {{- return('true') -}}
{%- endmacro %}
