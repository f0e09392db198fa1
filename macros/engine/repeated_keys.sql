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
            [last, since or last] | min if last else none
        ) -}}
    {%- else -%}
        {{- ref(name) -}}
    {%- endif -%}
{%- endmacro %}

{#- The same of any table. `since`, text in UTC or none for all of it, is a literal, by which both engines
    leave out the files of history; the latest processed_at would be sought in all of them. -#}
{% macro repeated_keys_in(relation, name, keys, partition_column, since) -%}
    select
        '{{ name }} holds a key more than once' as problem,
        {%- for key in keys %}
        {{ "|| ' / ' || " if not loop.first }}coalesce(cast(subject.{{ key }} as varchar), 'NULL')
        {%- endfor %} as which
    from {{ relation }} as subject
    {%- if since is not none %}
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
