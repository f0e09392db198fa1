{#- dbt-athena's incremental materialization writes a temporary table, reads from it which partitions to
    touch, and merges it: three billed statements, with files and metadata that nobody needs. Where the look
    for arrivals says what a merge can touch, one MERGE does, with the model's own query as its source. It
    compares, too (`note_update_condition`): the source need not read the target to know what differs.

    Not in a backfill or a rebuild, and not in the one run that adds a column: those go dbt's way. -#}
{% macro is_merged_at_once() -%}
    {{- return(
        target.type == 'athena' and can_look_up() and model.resource_type == 'model'
        and arrivals() is not none and has_history(model) and not reads_history()
        and has_documented_columns()
    ) -}}
{%- endmacro %}

{#- Merge the model's rows; false where Athena would write to more than 100 partitions: it says so before it
    writes, and dbt's way merges in batches. -#}
{% macro merge_at_once() -%}
    {%- do assert_contract(this) -%}
    {%- set outcome = adapter.run_query_with_partitions_limit_catching(
        athena_merge(
            this, '(' ~ sql ~ ')', config.require('unique_key'), model.columns.keys() | list,
            may_be_touched('target') ~ ' and ' ~ may_be_the_same('target', 'src')
        )
    ) -%}
    {{- return(outcome != 'TOO_MANY_OPEN_PARTITIONS') -}}
{%- endmacro %}

{#- When a row of the model's table, `target`, gives way to that of `src` with its key: where its source holds
    rows that are there already as they are. -#}
{% macro note_update_condition(condition) -%}
    {%- do kept('update conditions').update({model.name: condition}) -%}
{%- endmacro %}

{% macro update_condition() -%}
    {{- return(kept('update conditions').get(model.name)) -}}
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
    {%- set differs = update_condition() -%}
    merge into {{ target }} as target
    using {{ source }} as src
    on (
        {{ bounds }}
        {%- for key in unique_key %}
        and target.{{ key }} = src.{{ key }}
        {%- endfor %}
    )
    when matched and {{ is_deleted }} then delete
    when matched {{ 'and (' ~ differs ~ ') ' if differs }}then update set
        {%- for name in names %}
        {{ name }} = src.{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    when not matched and not ({{ is_deleted }}) then
        insert ({{ names | join(', ') }})
        values (src.{{ names | join(', src.') }})
{%- endmacro %}
