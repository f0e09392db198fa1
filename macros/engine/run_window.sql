{#- The arrivals a model reads in this run: [low, high), as text timestamps in UTC.

    `high` is the start of this run; `low` is the high of this model's last success less the lookback,
    none when everything is to be read (a first build, a full refresh, a rebuild variable changed).
    A caller may pass what it knows: the variables `run_at` (text, UTC) and `run_windows`, which saves
    the look-up of recorded_windows.

    In a backfill (variable `backfill`, {from, to}: days of arrival, `to` not included) a model with
    `meta.reads_raw` reads those days and nothing else, and the others read everything. -#}
{% macro run_window() -%}
    {%- if flags.EMPTY or flags.SAMPLE -%}
        {%- do exceptions.raise_compiler_error(
            '--empty and --sample would record arrivals as read that were not: leave them out'
        ) -%}
    {%- endif -%}
    {%- set recorded = recorded_windows() -%}
    {%- if is_backfilled(model) -%}
        {%- set high = [day_start(var('backfill').to), run_at()] | min -%}
    {%- else -%}
        {%- set high = window_high(model, recorded) -%}
    {%- endif -%}
    {{- return({'low': window_low(model, recorded), 'high': high}) -}}
{%- endmacro %}

{#- From when on a model reads in this run; none for everything. `node` need not be the current one:
    what lists the raw objects asks for all that read them. -#}
{% macro window_low(node, recorded) -%}
    {%- set meta = node.config.meta or {} -%}
    {%- set backfill = var('backfill', none) -%}
    {%- if backfill -%}
        {{- return(day_start(backfill.from) if meta.get('reads_raw') else none) -}}
    {%- endif -%}
    {#- In this order: without a warehouse nothing is recorded, and no table can be looked up. -#}
    {%- set last = recorded.get(node.name) -%}
    {%- if last and last.variables == rebuild_variables(node) and has_history(node) -%}
        {#- Objects become visible some time after they were received; the rows of silver are there
            when the run that wrote them has ended. -#}
        {%- set reads_tables = node.resource_type == 'model' and not meta.get('reads_raw') -%}
        {%- set lookback = 0 if reads_tables else lookback_minutes() -%}
        {{- return(add_minutes(last.high, -lookback)) -}}
    {%- endif -%}
    {{- return(none) -}}
{%- endmacro %}

{#- How long an object may take from the time that its lines bear to being visible, in minutes: the variable
    of that name, which says it for each engine, or for whichever is used. -#}
{% macro lookback_minutes() -%}
    {%- set minutes = var('lookback_minutes') -%}
    {{- return((minutes[target.type] if minutes is mapping else minutes) | int) -}}
{%- endmacro %}

{#- Whether a model adds to a table that is there: `is_incremental()`, of any node. -#}
{% macro has_history(node) -%}
    {%- if node.unique_id == model.unique_id or is_shown() -%}
        {{- return(is_incremental()) -}}
    {%- elif not can_look_up() -%}
        {{- return(
            node.config.materialized == 'incremental' and var('force_incremental', false) | as_bool
        ) -}}
    {%- endif -%}
    {%- set full_refresh = node.config.full_refresh -%}
    {%- if (flags.FULL_REFRESH if full_refresh is none else full_refresh) -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set relation = load_relation(api.Relation.create(
        database=node.database, schema=node.schema, identifier=node.alias
    )) -%}
    {{- return(
        node.config.materialized == 'incremental' and relation is not none and relation.is_table
    ) -}}
{%- endmacro %}

{#- Up to when a node reads in this run: the start of the run, but never beyond what the incremental
    models upstream of it have read, be it in this run or, where they are no part of it, it is not their
    time or they read a window of the past, in their last success. So building any part, in any order,
    loses nothing, and no test counts what nobody has read yet. -#}
{% macro window_high(node, recorded) -%}
    {%- set highs = [run_at()] -%}
    {#- A unit test reads nothing but what it is given. -#}
    {%- set upstream = [] if node.resource_type == 'unit_test' else upstream_incrementals(node) -%}
    {%- for model in upstream
        if model.unique_id not in selected_resources or not is_due(model) or is_backfilled(model)
    -%}
        {%- do highs.append(recorded.get(model.name, {}).get('high', '1970-01-01 00:00:00.000000')) -%}
    {%- endfor -%}
    {{- return(highs | min) -}}
{%- endmacro %}

{#- Whether this run is a backfill, and a model reads its window of the past. -#}
{% macro is_backfilled(node) -%}
    {{- return(var('backfill', none) is not none and (node.config.meta or {}).get('reads_raw', false)) -}}
{%- endmacro %}

{#- Midnight of a day given as YYYY-MM-DD, checked: it is spliced into SQL. -#}
{% macro day_start(day) -%}
    {{- return(add_minutes(day, 0)) -}}
{%- endmacro %}

{#- The start of this run, text in UTC with microseconds: `high` of its windows, and the processed_at
    of every row it writes. -#}
{% macro run_at() -%}
    {{- return(add_minutes(var('run_at', run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')), 0)) -}}
{%- endmacro %}

{#- The last success of each model that has one: name -> {'high', 'variables'}, as run_windows holds them
    or the variable of that name; looked up once an invocation. One that does not lie in this run's past
    (a clock was wrong) is not believed: reading everything once more changes nothing. -#}
{% macro recorded_windows() -%}
    {%- set given = var('run_windows', none) -%}
    {%- if given is not none -%}
        {{- return(given) -}}
    {%- endif -%}
    {%- if not can_look_up() -%}
        {{- return({}) -}}
    {%- endif -%}
    {%- set known = kept('recorded windows') -%}
    {%- if 'found' not in known -%}
        {%- do known.update({'found': look_up_windows()}) -%}
    {%- endif -%}
    {{- return(known.found) -}}
{%- endmacro %}

{% macro look_up_windows() -%}
    {%- set recorded = {} -%}
    {%- if load_relation(run_windows_relation()) is not none -%}
        {%- set query -%}
            select
                model_name,
                cast(window_high as varchar) as window_high,
                variables,
                0 as failures,
                false as should_warn,
                false as should_error
            from {{ run_windows_relation() }}
            where window_high < timestamp '{{ run_at() }}'
        {%- endset -%}
        {%- set found = run_query(query) -%}
        {%- if found.rows -%}
            {#- What a test has found that need not be sent: dbt has no other way to make such a table. -#}
            {%- do kept('recorded windows').update({
                'passed': found.select(['failures', 'should_warn', 'should_error']).limit(1),
            }) -%}
        {%- endif -%}
        {%- for row in found.rows -%}
            {#- agate reads an empty text as NULL. -#}
            {%- do recorded.update({row[0]: {'high': row[1] | string, 'variables': row[2] or ''}}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(recorded) -}}
{%- endmacro %}

{#- The values of the variables that a model lists in `meta.rebuild_on`, as one text: a model whose
    text differs from the last run's reads everything again. -#}
{% macro rebuild_variables(node) -%}
    {%- set values = [] -%}
    {%- for name in (node.config.meta or {}).get('rebuild_on', []) -%}
        {%- do values.append(name ~ '=' ~ var(name)) -%}
    {%- endfor -%}
    {{- return(values | join(';')) -}}
{%- endmacro %}

{#- The microsecond after a time, in the form that all windows have. -#}
{% macro after(timestamp_text) -%}
    {%- set at = modules.datetime.datetime.fromisoformat(timestamp_text | string) -%}
    {{- return(
        (at + modules.datetime.timedelta(microseconds=1)).strftime('%Y-%m-%d %H:%M:%S.%f')
    ) -}}
{%- endmacro %}

{#- A UTC time given as text, moved by `minutes`, in the form that all windows have. -#}
{% macro add_minutes(timestamp_text, minutes) -%}
    {%- set at = modules.datetime.datetime.fromisoformat(timestamp_text | string) -%}
    {%- if at.tzinfo is not none -%}
        {%- do exceptions.raise_compiler_error(
            "give the time as UTC, without an offset: not '" ~ timestamp_text ~ "'"
        ) -%}
    {%- endif -%}
    {{- return((at + modules.datetime.timedelta(minutes=minutes)).strftime('%Y-%m-%d %H:%M:%S.%f')) -}}
{%- endmacro %}
