{#- on-run-end: one statement that advances the window of every incremental model of this run that
    succeeded, be it that nothing was new to it: else it would look further back with each run. A killed
    run records nothing, a failed model nothing for itself, and one whose upstream has read nothing has
    read nothing either: all are simply read again. In a backfill the models that read raw read a window
    of the past and leave theirs alone; so does a model whose time it was not. -#}
{% macro record_run_windows(results) -%}
    {%- set advanced = [] -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set recorded = recorded_windows() -%}
        {%- for result in results
            if result.node.resource_type == 'model'
            and result.node.config.materialized == 'incremental'
            and result.status == 'success'
            and is_due(result.node)
            and not (var('backfill', none) and result.node.config.meta.get('reads_raw'))
        -%}
            {%- set high = window_high(result.node, recorded) -%}
            {%- if high > '1970-01-02' -%}
                {%- do advanced.append({'node': result.node, 'high': high}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if advanced and load_relation(run_windows_relation()) is not none -%}
        merge into {{ run_windows_relation() }} as target
        using (
            {%- for read in advanced %}
            {{ 'union all' if not loop.first }}
            select
                '{{ read.node.name }}' as model_name,
                cast(timestamp '{{ read.high }}' as {{ type_timestamp6() }}) as window_high,
                '{{ rebuild_variables(read.node) | replace("'", "''") }}' as variables,
                '{{ invocation_id }}' as invocation_id
            {%- endfor %}
        ) as src
        on (target.model_name = src.model_name)
        when matched then update set
            window_high = src.window_high,
            variables = src.variables,
            invocation_id = src.invocation_id
        when not matched then
            insert (model_name, window_high, variables, invocation_id)
            values (src.model_name, src.window_high, src.variables, src.invocation_id)
    {%- endif -%}
{%- endmacro %}

{% macro run_windows_relation() -%}
    {{- return(api.Relation.create(
        database=target.database, schema=target.schema ~ '_silver',
        identifier='run_windows' ~ beside_suffix()
    )) -}}
{%- endmacro %}
