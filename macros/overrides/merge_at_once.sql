{#- dbt-athena's incremental materialization writes a temporary table, reads from it which partitions to
    touch, and merges it: three billed statements, with files and metadata that nobody needs. Where the look
    for arrivals says what a merge can touch, one MERGE does, with the model's own query as its source.

    Not in a backfill or a rebuild, and not in the one run that adds a column: those go dbt's way. Nor
    where Athena would write to more than 100 partitions: it says so before it writes, and dbt's way merges
    in batches. -#}
{% macro is_merged_at_once() -%}
    {%- if arrivals() is none or not has_history(model) or reads_history()
        or not has_documented_columns()
    -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- do assert_contract(this) -%}
    {%- set outcome = adapter.run_query_with_partitions_limit_catching(
        athena_merge(
            this, '(' ~ sql ~ ')', config.require('unique_key'), model.columns.keys() | list,
            may_be_touched('target')
        )
    ) -%}
    {{- return(outcome != 'TOO_MANY_OPEN_PARTITIONS') -}}
{%- endmacro %}

{#- A row of `alias` that this run's merge may touch, as literals: where its keys may be by their arrivals. -#}
{% macro may_be_touched(alias) -%}
    {%- set date = alias ~ '.' ~ partition_date() -%}
    {%- set keys_move = config.get('meta').get('keys_move', 'anywhere') -%}
    {%- if keys_move == 'anywhere' -%}
        {{- return(in_key_ranges(alias)) -}}
    {%- elif keys_move == 'recently' -%}
        {{- return(
            '(' ~ date ~ " >= date '" ~ conflict_lookback_date() ~ "' or "
            ~ in_dates(date, event_days()) ~ ')'
        ) -}}
    {%- endif -%}
    {%- set window = run_window() -%}
    {{- return(
        date ~ " between date '" ~ window.low[:10] ~ "' and date '" ~ window.high[:10] ~ "'"
    ) -}}
{%- endmacro %}

{#- The MERGE of the rows of `source` (a relation, or a query in parentheses) into `target`: by `unique_key`
    where `bounds` holds; a row whose partition date is NULL deletes. -#}
{% macro athena_merge(target, source, unique_key, names, bounds) -%}
    {%- set is_deleted = 'src.' ~ partition_date() ~ ' is null' -%}
    merge into {{ target }} as target
    using {{ source }} as src
    on (
        {{ bounds }}
        {%- for key in unique_key %}
        and target.{{ key }} = src.{{ key }}
        {%- endfor %}
    )
    when matched and {{ is_deleted }} then delete
    when matched then update set
        {%- for name in names %}
        {{ name }} = src.{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    when not matched and not ({{ is_deleted }}) then
        insert ({{ names | join(', ') }})
        values (src.{{ names | join(', src.') }})
{%- endmacro %}
