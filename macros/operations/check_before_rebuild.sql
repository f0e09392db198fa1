{#- `dbt run-operation check_before_rebuild`: refuse to rebuild silver and gold on Athena where raw no longer
    has what they hold, or where orders of an earlier version would become one. `retailpulse rebuild` looks
    for the same on this machine (retailpulse/commands/rebuild.py). It reads all of raw, once.

    same_orders  whether an id that several sources gave to orders is known to be of one order -#}
{% macro check_before_rebuild(same_orders=false) -%}
    {%- set silver = api.Relation.create(database=target.database, schema=target.schema ~ '_silver') -%}
    {%- set accepted = [] -%}
    {%- set quarantines = [] -%}
    {%- set former = [] -%}
    {%- for relation in adapter.list_relations_without_caching(silver) if relation.is_table -%}
        {%- if relation.identifier.endswith(('_events', '_versions')) -%}
            {%- do accepted.append(relation) -%}
        {%- elif relation.identifier.endswith('_quarantined') -%}
            {%- do quarantines.append(relation) -%}
        {%- endif -%}
        {%- if relation.identifier == 'order_events' -%}
            {%- do former.append(relation) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if accepted or quarantines -%}
        {%- do refuse_what_raw_has_lost(accepted, quarantines) -%}
    {%- endif -%}
    {%- if former and not same_orders -%}
        {%- do refuse_shared_orders(former[0]) -%}
    {%- endif -%}
{%- endmacro %}

{#- Each row of these tables came from a raw line, so they may not have more in an hour of arrival than raw
    has lines. A line that two quarantines have is one: an earlier version's may still be there beside those
    that have its lines now. -#}
{% macro refuse_what_raw_has_lost(accepted, quarantines) -%}
    {%- set query -%}
        with

        kept as (

            select
                date_format(received_at, '%Y-%m-%d %H') as arrival_hour,
                count(*) as row_count
            from (
                {%- for table in accepted %}
                {{ 'union all' if not loop.first }}
                select received_at
                from {{ table }}
                {%- endfor %}
                {%- if quarantines %}
                {{ 'union all' if accepted }}
                select received_at
                from (
                    {%- for table in quarantines %}
                    {{ 'union' if not loop.first }}
                    select received_at, message_id
                    from {{ table }}
                    {%- endfor %}
                ) as rejected
                {%- endif %}
            ) as silver
            group by 1

        ),

        landed as (

            select
                concat(dt, ' ', hour) as arrival_hour,
                count(*) as line_count
            from {{ graph.sources['source.' ~ project_name ~ '.raw.events'].relation_name }}
            group by 1

        )

        select
            {#- After a sign, as agate makes a time of what looks like one. #}
            concat('=', min(kept.arrival_hour)) as first_hour,
            concat('=', max(kept.arrival_hour)) as last_hour
        from kept
        left join landed
            on kept.arrival_hour = landed.arrival_hour
        where kept.row_count > coalesce(landed.line_count, 0)
    {%- endset -%}
    {%- set lost = run_query(query).rows[0] -%}
    {%- if lost[0] -%}
        {%- do exceptions.raise_compiler_error(
            'raw no longer has all of what arrived from ' ~ lost[0][1:] ~ ':00 to ' ~ lost[1][1:]
            ~ ':59 UTC, and a rebuild would lose it from the tables, so nothing was changed: bring '
            ~ 'these objects back to raw first'
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#- The key of an order was (source, order_id), and is (system, order_id). -#}
{% macro refuse_shared_orders(former) -%}
    {%- set query -%}
        select
            concat(order_id, ' of ', array_join(array_agg(distinct source order by source), ' and '))
                as example,
            count(*) over () as id_count
        from (
            select
                {{ system_of('source') }} as system,
                order_id,
                source
            from {{ former }}
            where event_type = 'order_created'
        ) as created
        group by
            system,
            order_id
        having count(distinct source) > 1
        order by example
        limit 5
    {%- endset -%}
    {%- set shared = run_query(query).rows -%}
    {%- if shared -%}
        {%- do exceptions.raise_compiler_error(
            'several sources created orders of one id (' ~ shared[0].id_count ~ ' ids, such as '
            ~ shared | map(attribute='example') | join(', ') ~ '), which silver kept apart until now '
            ~ 'and would take for one: where they are different orders, say in dbt_project.yml by the '
            ~ 'variable `systems` whose ids each source uses; where they are one, give --same-orders; '
            ~ 'nothing was changed'
        ) -%}
    {%- endif -%}
{%- endmacro %}
