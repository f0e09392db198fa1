{#- Whether none of the incremental models of this invocation has anything to read: nothing has landed
    within their windows, and nothing was written to what they read since. One statement for all of
    them. What has no window yet, or has to read everything again, always has something to read. -#}
{% macro nothing_is_new() -%}
    {{- return(once('nothing_is_new', look_for_nothing_new)) -}}
{%- endmacro %}

{% macro look_for_nothing_new() -%}
    {%- if not can_look_up() -%}
        {{- return(false) -}}
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
            {{- return(false) -}}
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
                relation ~ " where processed_at > timestamp '" ~ low ~ "'"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if raw_lows -%}
        {%- set raw = graph.sources['source.' ~ project_name ~ '.raw.events'].relation_name -%}
        {%- set received_at = envelope_timestamp(
            json_extract_all('line', ['$.received_at']) ~ '[1]'
        ) -%}
        {%- do looks.append(
            '(select ' ~ received_at ~ ' as received_at, dt, hour from ' ~ raw ~ ') as landed where '
            ~ arrived_in({'low': raw_lows | min, 'high': run_at()})
        ) -%}
    {%- endif -%}
    {%- if not looks -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set query -%}
        {%- for look in looks | unique %}
        {{ 'union all' if not loop.first }}
        (select 1 as found from {{ look }} limit 1)
        {%- endfor %}
    {%- endset -%}
    {{- return(run_query(query).rows | length == 0) -}}
{%- endmacro %}
