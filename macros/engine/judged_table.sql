{#- The materialization of `judged_arrivals`. On Athena where the look for arrivals has found something of
    it, as a statement reads its query again for each time that it names it: without the table a
    merge of 14,000 lines parsed raw five times. A first build reads raw once by itself. -#}
{% materialization arrivals, adapter='athena' -%}
    {%- set judged_for = config.get('meta').judged_for -%}
    {%- if not is_judged(judged_for) -%}
        {%- do store_raw_result(
            name='main', message='nothing new', code='NOTHING NEW', rows_affected=0
        ) -%}
    {%- else -%}
        {#- Upkeep drops what a killed run left, by this name. -#}
        {%- set relation = make_temp_relation(
            this.incorporate(type='table'), suffix=adapter.generate_unique_temporary_table_suffix()
        ) -%}
        {%- call statement('main') -%}
            {{ create_table_as(true, relation, sql) }}
        {%- endcall -%}
        {%- do kept('judged').update({
            judged_for: {'relation': relation, 'low': judged_low(judged_for)},
        }) -%}
    {%- endif -%}
    {{- return({'relations': []}) -}}
{%- endmaterialization %}

{#- In memory: the lakehouse has nothing of it. -#}
{% materialization arrivals, adapter='duckdb' -%}
    {%- set judged_for = config.get('meta').judged_for -%}
    {%- if not is_judged(judged_for) -%}
        {%- do store_raw_result(
            name='main', message='nothing new', code='NOTHING NEW', rows_affected=0
        ) -%}
    {%- else -%}
        {%- set relation = api.Relation.create(
            database='memory', schema='main', identifier=model.name, type='table'
        ) -%}
        {%- call statement('main') -%}
            create or replace table {{ relation }} as {{ sql }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
        {%- do kept('judged').update({
            judged_for: {'relation': relation, 'low': judged_low(judged_for)},
        }) -%}
    {%- endif -%}
    {{- return({'relations': []}) -}}
{%- endmaterialization %}

{#- Whether an accepted table's arrivals are judged in this run, once for all that reads them. -#}
{% macro is_judged(name) -%}
    {%- set is_first_build = arrivals() is none -%}
    {{- return(target.type == 'duckdb' if is_first_build else is_wanted(name)) -}}
{%- endmacro %}

{#- Whether a model of this run that reads lines for an accepted table has something new to read. -#}
{% macro is_wanted(name) -%}
    {%- set known = kept('is wanted') -%}
    {%- if name not in known -%}
        {%- set wanting = [] -%}
        {%- for node in raw_readers() if reads_types_of(node, name) and not wanting -%}
            {%- if node.config.materialized == 'incremental' and has_work(node) -%}
                {%- do wanting.append(node) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do known.update({name: wanting | length > 0}) -%}
    {%- endif -%}
    {{- return(known[name]) -}}
{%- endmacro %}

{#- on-run-end. -#}
{% macro drop_judged_arrivals() -%}
    {%- if execute and target.type == 'athena' -%}
        {%- for judged in kept('judged').values() -%}
            {%- do drop_relation(judged.relation) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
