{#- Of the rows that several sources have of one thing, the one of the source that is most to be believed: the
    last CTE of a conformed model. As long as each source's ids are a system of their own, no two can speak
    of one thing, and nothing is compared.

    Which source that is the variable `authority` says, {entity: [source, …]}, the first most of all; sources
    that it leaves out follow, databases and feeds by name before `events`, which stands for all that send events.

    entity   what the rows are, in the plural
    cte      the rows, with a column `origin`: the name of a database or a feed, or `events`
    keys     what tells things apart, `system` among them: all rows of a thing come from one source
    origins  the origins there are

    Example: models/silver/conformed/conformed_orders.sql. -#}
{% macro by_authority(entity, cte, keys, origins) -%}
    {%- set ranked = authority_of(entity, origins) -%}
    {%- if not share_a_system(origins) %}
    select * from {{ cte }}
    {%- else %}
    select *
    from (

        select
            *,
            min(authority_rank) over (partition by {{ keys | join(', ') }}) as best_rank
        from (

            select
                *,
                case origin
                    {%- for origin in ranked %}
                    when '{{ origin }}' then {{ loop.index }}
                    {%- endfor %}
                end as authority_rank
            from {{ cte }}

        ) as ranked

    ) as compared
    where authority_rank = best_rank
    {%- endif %}
{%- endmacro %}

{#- The origins, the most to be believed first. -#}
{% macro authority_of(entity, origins) -%}
    {%- set named = (var('authority') or {}).get(entity, []) -%}
    {%- for origin in named if origin not in origins -%}
        {%- do exceptions.raise_compiler_error(
            "the variable authority names " ~ origin ~ " for " ~ entity ~ ", which come from "
            ~ origins | join(', ')
        ) -%}
    {%- endfor -%}
    {%- set others = origins | reject('in', named) | list -%}
    {{- return(
        named
        + others | reject('equalto', 'events') | sort
        + others | select('equalto', 'events') | list
    ) -}}
{%- endmacro %}

{#- Whether two of the origins may use the same ids for the same things. -#}
{% macro share_a_system(origins) -%}
    {%- set named = var('systems') or {} -%}
    {%- set systems = {} -%}
    {%- for type in known_event_types() if type.source is not none -%}
        {%- do systems.update({type.source: named.get(type.source, type.system)}) -%}
    {%- endfor -%}
    {%- set of_events = [default_system()] -%}
    {%- for source, system in named.items() if source not in systems -%}
        {%- do of_events.append(system) -%}
    {%- endfor -%}
    {%- set seen = of_events | unique | list if 'events' in origins else [] -%}
    {%- set shared = [] -%}
    {%- for origin in origins if origin != 'events' -%}
        {%- set system = systems[origin] -%}
        {%- if system in seen -%}
            {%- do shared.append(system) -%}
        {%- endif -%}
        {%- do seen.append(system) -%}
    {%- endfor -%}
    {{- return(shared | length > 0) -}}
{%- endmacro %}
