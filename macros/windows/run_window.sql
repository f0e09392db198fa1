{#- The arrivals a model reads in this run: [low, high), as text timestamps in UTC.

    `high` is the start of this run; `low` is the high of this model's last success less the lookback,
    none when everything is to be read (a first build, a full refresh, a rebuild variable changed).
    A caller may pass what it knows: the variables `run_at` (text, UTC) and `run_windows` (model →
    {high, variables}, as in the table), which saves the look-up.

    In a backfill (variable `backfill`, {from, to}: days of arrival, `to` not included) a model with
    `meta.reads_raw` reads those days and nothing else, and the others read everything. -#}
{% macro run_window() -%}
    {%- if flags.EMPTY or flags.SAMPLE -%}
        {%- do exceptions.raise_compiler_error(
            '--empty and --sample would record arrivals as read that were not: leave them out'
        ) -%}
    {%- endif -%}
    {%- set backfill = var('backfill', none) -%}
    {%- if backfill and model.config.meta.get('reads_raw') -%}
        {{- return({
            'low': day_start(backfill.from),
            'high': [day_start(backfill.to), run_at()] | min,
        }) -}}
    {%- endif -%}
    {%- set low = none -%}
    {%- if is_incremental() and not backfill -%}
        {%- set last = last_success(model.name) -%}
        {%- if last.high and last.variables == rebuild_variables(model) -%}
            {%- set low = add_minutes(last.high, -var('lookback_minutes') | int) -%}
        {%- endif -%}
    {%- endif -%}
    {{- return({'low': low, 'high': window_high(model)}) -}}
{%- endmacro %}

{#- Up to when a model reads in this run: the start of the run, but never beyond what the models of its
    `meta.never_ahead_of` have read, be it in this run or, where they are no part of it, in their last
    success. So building any part, in any order, loses nothing. -#}
{% macro window_high(node) -%}
    {%- set highs = [run_at()] -%}
    {%- for name in (node.config.meta or {}).get('never_ahead_of', [])
        if ('model.' ~ project_name ~ '.' ~ name) not in selected_resources
    -%}
        {%- do highs.append(last_success(name).high or '1970-01-01 00:00:00.000000') -%}
    {%- endfor -%}
    {{- return(highs | min) -}}
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

{#- {'high', 'variables'} of a model's last success; none where there is none. One that lies in this
    run's future (a clock was wrong) is not believed: reading everything once more changes nothing. -#}
{% macro last_success(model_name) -%}
    {%- set known = var('run_windows', {}) -%}
    {%- if model_name in known -%}
        {{- return({'high': known[model_name].high, 'variables': known[model_name].variables}) -}}
    {%- endif -%}
    {%- if can_look_up() and load_relation(run_windows_relation()) is not none -%}
        {%- set rows = run_query(
            "select cast(window_high as varchar) as window_high, variables from "
            ~ run_windows_relation() ~ " where model_name = '" ~ model_name
            ~ "' and window_high <= timestamp '" ~ run_at() ~ "'"
        ).rows -%}
        {%- if rows | length > 0 -%}
            {#- agate reads an empty text as NULL. -#}
            {{- return({'high': rows[0][0] | string, 'variables': rows[0][1] or ''}) -}}
        {%- endif -%}
    {%- endif -%}
    {{- return({'high': none, 'variables': none}) -}}
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

{#- Whether a query may be sent now: false while parsing, and in a compilation without credentials. -#}
{% macro can_look_up() -%}
    {{- return(execute and flags.INTROSPECT is not false) -}}
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
