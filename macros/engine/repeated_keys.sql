{#- The keys that `name`, an incremental model, holds more than once in the partitions that this run
    wrote to, or the last one where this does not run the model: (problem, which).

    since  from when on written, if that is earlier: text in UTC -#}
{% macro repeated_keys(name, since=none) -%}
    {%- if execute -%}
        {%- set id = 'model.' ~ project_name ~ '.' ~ name -%}
        {%- set config = graph.nodes[id].config -%}
        {%- set last = recorded_windows().get(name, {}).get('high') -%}
        {%- if last and id in selected_resources and not var('backfill', none) -%}
            {#- A microsecond on: what the last run wrote bears its start, which is its window's high. -#}
            {%- set last = after(last) -%}
        {%- endif -%}
        {{- repeated_keys_in(
            ref(name), name, config.unique_key, config.meta.partition_date,
            [last, since or last] | min if last else none,
            can_be_written('subject', graph.nodes[id]) if since is none else none
        ) -}}
    {%- else -%}
        {{- ref(name) -}}
    {%- endif -%}
{%- endmacro %}

{#- A row of `alias` lies in a partition that this run can have written to, by what the look for arrivals has
    found: literals, so that the table need not be asked which; none where nobody looked, or where the keys of
    a row do not decide its date. -#}
{% macro can_be_written(alias, node) -%}
    {%- set days = event_days() -%}
    {%- set low = recent_arrivals_low(model) -%}
    {%- if target.type != 'athena' or days is none or low is none
        or node.unique_id not in selected_resources
        or node.config.meta.get('keys_move', 'anywhere') == 'anywhere'
    -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set date = alias ~ '.' ~ node.config.meta.partition_date -%}
    {{- return(
        date ~ " >= date '" ~ low[:10] ~ "'" if node.config.meta.keys_move == 'never'
        else in_dates(date, days)
    ) -}}
{%- endmacro %}

{#- The same of any table. `since`, text in UTC or none for all of it, is a literal, by which both engines
    leave out the files of history; the latest processed_at would be sought in all of them. `within` is a
    condition that is known to hold for each row of these partitions. -#}
{% macro repeated_keys_in(relation, name, keys, partition_column, since, within=none) -%}
    select
        '{{ name }} holds a key more than once' as problem,
        {%- for key in keys %}
        {{ "|| ' / ' || " if not loop.first }}coalesce(cast(subject.{{ key }} as varchar), 'NULL')
        {%- endfor %} as which
    from {{ relation }} as subject
    {%- if within is not none %}
    where {{ within }}
    {%- elif since is not none %}
    inner join (
        select distinct {{ partition_column }}
        from {{ relation }}
        where processed_at >= timestamp '{{ since }}'
    ) as written
        on subject.{{ partition_column }} = written.{{ partition_column }}
    {%- endif %}
    group by subject.{{ keys | join(', subject.') }}
    having count(*) > 1
{%- endmacro %}
