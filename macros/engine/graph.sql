{#- What follows from dbt's graph, so that no model has to repeat it. -#}

{#- The models upstream of a node, near and far, as nodes; its own is not among them. -#}
{% macro upstream_models(node) -%}
    {%- set known = kept('upstream') -%}
    {%- if node.unique_id not in known -%}
        {%- set found = {} -%}
        {%- for id in node.depends_on.nodes if id in graph.nodes -%}
            {%- do found.update({id: graph.nodes[id]}) -%}
            {%- for model in upstream_models(graph.nodes[id]) -%}
                {%- do found.update({model.unique_id: model}) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- do known.update({node.unique_id: found.values() | list}) -%}
    {%- endif -%}
    {{- return(known[node.unique_id]) -}}
{%- endmacro %}

{#- The incremental models upstream of a node: what it may not run ahead of. -#}
{% macro upstream_incrementals(node) -%}
    {{- return(
        upstream_models(node) | selectattr('config.materialized', 'equalto', 'incremental') | list
    ) -}}
{%- endmacro %}

{#- The event types that a node is made of, by name; `unknown` for the lines of no known type. A quarantine
    that is read beside an accepted table says what was taken from that, and adds no types. -#}
{% macro upstream_event_types(node) -%}
    {%- set known = kept('upstream event types') -%}
    {%- if node.unique_id not in known -%}
        {%- set own = event_types_by_model().get(node.name) -%}
        {%- set accepted = [] -%}
        {%- set quarantined = [] -%}
        {%- for id in node.depends_on.nodes if id in graph.nodes and not own -%}
            {%- set found = quarantined if graph.nodes[id].name.endswith('_quarantined') else accepted -%}
            {%- do found.extend(upstream_event_types(graph.nodes[id])) -%}
        {%- endfor -%}
        {#- But for the lines of no known type, which land for no accepted table. -#}
        {%- set types = (accepted or quarantined)
            + (['unknown'] if 'unknown' in quarantined else []) -%}
        {%- do known.update({node.unique_id: own or types | unique | list}) -%}
    {%- endif -%}
    {{- return(known[node.unique_id]) -}}
{%- endmacro %}

{#- The event types of staging models and accepted tables, by the model's name. -#}
{% macro event_types_by_model() -%}
    {%- set types = kept('event types by model') -%}
    {%- if not types -%}
        {%- do types.update({'stg_events__unrecognised': ['unknown']}) -%}
        {%- for type in known_event_types() -%}
            {%- do types.update({type.staging_model: [type.event_type]}) -%}
            {%- do types.setdefault(type.accepted_model, []).append(type.event_type) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(types) -}}
{%- endmacro %}

{#- Whether a node reads raw itself, be it through staging. -#}
{% macro reads_raw(node) -%}
    {%- set reads = [] -%}
    {%- for id in node.depends_on.nodes -%}
        {%- if id == 'source.' ~ project_name ~ '.raw.events'
            or id in graph.nodes and graph.nodes[id].config.materialized in ('ephemeral', 'arrivals')
        -%}
            {%- do reads.append(id) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(reads | length > 0) -}}
{%- endmacro %}

{#- The nodes of this invocation that dbt was asked for. -#}
{% macro selected_nodes() -%}
    {%- set nodes = [] -%}
    {%- for id in selected_resources if id in graph.nodes -%}
        {%- do nodes.append(graph.nodes[id]) -%}
    {%- endfor -%}
    {{- return(nodes) -}}
{%- endmacro %}

{#- Of these, the incremental models. -#}
{% macro selected_incrementals() -%}
    {{- return(
        selected_nodes() | selectattr('config.materialized', 'equalto', 'incremental') | list
    ) -}}
{%- endmacro %}

{#- A dictionary by name that lasts for this invocation, kept in `graph`, the one thing that all of an
    invocation's nodes share. -#}
{% macro kept(name) -%}
    {%- if 'retailpulse' not in graph -%}
        {%- do graph.update({'retailpulse': {}}) -%}
    {%- endif -%}
    {%- if name not in graph.retailpulse -%}
        {%- do graph.retailpulse.update({name: {}}) -%}
    {%- endif -%}
    {{- return(graph.retailpulse[name]) -}}
{%- endmacro %}

{#- Whether a query may be sent now: false while parsing, and in a compilation without credentials. -#}
{% macro can_look_up() -%}
    {{- return(execute and flags.INTROSPECT is not false) -}}
{%- endmacro %}
