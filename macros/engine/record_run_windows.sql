{#- on-run-end: one statement that advances the window of every incremental model of this run that
    succeeded, be it that nothing was new to it: else it would look further back with each run. A killed
    run records nothing, a failed model nothing for itself, and one whose upstream has read nothing has
    read nothing either: all are simply read again. So is what a test of the fast path reads that has not
    passed: it is sent where something is new to that, and sees no further back than its last success. In a
    backfill the models that read raw read a window of the past and leave theirs alone; so does a model
    whose time it was not. -#}
{% macro record_run_windows(results) -%}
    {%- set advanced = [] -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set recorded = recorded_windows() -%}
        {%- set failed = read_by_failed_fast_tests(results) -%}
        {%- for result in results
            if result.node.resource_type == 'model'
            and result.node.config.materialized == 'incremental'
            and result.status == 'success'
            and result.node.unique_id not in failed
            and is_due(result.node)
            and not is_backfilled(result.node)
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

{#- The ids of what the fast path's tests read that did not pass in this run. -#}
{% macro read_by_failed_fast_tests(results) -%}
    {%- set ids = [] -%}
    {%- for result in results
        if result.node.resource_type == 'test'
        and 'fast' in result.node.config.tags
        and result.status not in ('pass', 'warn')
    -%}
        {%- do ids.extend(result.node.depends_on.nodes) -%}
    {%- endfor -%}
    {{- return(ids) -}}
{%- endmacro %}

{% macro run_windows_relation() -%}
    {{- return(api.Relation.create(
        database=target.database, schema=target.schema ~ '_silver',
        identifier='run_windows' ~ beside_suffix()
    )) -}}
{%- endmacro %}
