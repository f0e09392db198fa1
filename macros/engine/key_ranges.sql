{#- The ranges that hold the keys which a model rebuilds, noted for its merge: literals, by which
    Athena leaves out the files of other keys while it plans (Iceberg has the least and the greatest
    of each file). By a join it does so only if the joined keys are there within a second. It prunes
    well where keys grow with time, and costs one small statement where they do not.

    One range per prefix, of the longest length that gives few of them. A single range would reach from
    the oldest order that a late event touches to the newest, and as text `o-9999` lies in between
    `o-3013318` and any `x-1`.

    Where all that the model rebuilds has landed for this run, the look for arrivals has found them
    already, if they are the first field of `x-key` of the event types that change the model's rows; else,
    as after a failed run, they are asked for.

    table   the accepted table whose keys they are
    keys    query for the keys
    column  the key's column -#}
{% macro note_key_ranges(table, keys, column) -%}
    {{- return(adapter.dispatch('note_key_ranges', 'retailpulse')(table, keys, column)) -}}
{%- endmacro %}

{% macro athena__note_key_ranges(table, keys, column) -%}
    {%- set types = known_event_types() | selectattr('accepted_model', 'equalto', table) -%}
    {%- if can_look_up() and arrivals() is not none and built_with_its_upstream(model)
        and column in types | map(attribute='key') | map('first')
    -%}
        {%- set ranges = arrivals()['keys'].get(table ~ '.' ~ column, []) -%}
        {%- do kept('key ranges').update({model.name: {'column': column, 'ranges': shortened(ranges)}}) -%}
    {%- elif can_look_up() and has_work(model) -%}
        {%- set query -%}
            with

            named as (

                select
                    0 as length,
                    {{ column }} as part
                from ({{ keys }}) as touched
                where {{ column }} is not null
                group by {{ column }}

            ),

            {{ key_groups('named', 'length', 'true') }}

            select
                concat('=', min(part)) as low,
                concat('=', max(part)) as high
            from grouped
            group by key_group
            order by low
        {%- endset -%}
        {%- set ranges = [] -%}
        {#- After a sign, as agate reads the text `null` as NULL, and an order may have that id. -#}
        {%- for row in run_query(query).rows -%}
            {%- do ranges.append({'low': row[0][1:], 'high': row[1][1:]}) -%}
        {%- endfor -%}
        {%- do kept('key ranges').update({model.name: {'column': column, 'ranges': shortened(ranges)}}) -%}
    {%- endif -%}
{%- endmacro %}

{#- CTEs, the last of them `grouped`: the rows of `relation` with a `key_group`, which is what keys (`part`)
    that are near each other have in common: at most 200 groups, each of neighbours in the order of the
    keys, by prefixes of one length, the longest that gives so few. Of other rows it is `part`.

    The length follows from what each key shares with the one before it: to count the prefixes of every
    length took a gigabyte of memory for 41,667 events.

    relation      a CTE or a table, in which each key is there once
    partition_by  its columns that tell lists of keys apart
    is_key        which of its rows are keys -#}
{% macro key_groups(relation, partition_by, is_key) -%}
        neighbours as (

            select
                *,
                lag(part) over (partition by {{ partition_by }} order by part) as previous
            from {{ relation }}

        ),

        compared as (

            select
                *,
                case
                    when {{ is_key }}
                        then cardinality(filter(
                            sequence(1, 64), place -> substr(part, 1, place) = substr(previous, 1, place)
                        ))
                end as shared_length
            from neighbours

        ),

        -- A prefix of `shared_length` + 1 tells so many groups apart.
        ranked as (

            select
                *,
                count(*) over (partition by {{ partition_by }} order by shared_length) as group_count
            from compared

        ),

        grouped as (

            select
                *,
                case
                    when {{ is_key }}
                        then substr(part, 1, coalesce(min(
                            case when group_count > 200 then shared_length end
                        ) over (partition by {{ partition_by }}), 64))
                    else part
                end as key_group
            from ranked

        )
{%- endmacro %}

{#- DuckDB leaves them out by the join, always: eight literal ranges took 1.6 s where that took 0.8. -#}
{% macro duckdb__note_key_ranges(table, keys, column) -%}
{%- endmacro %}

{#- Ranges, or one range for all of them: Athena takes 262,144 bytes, and a statement names them three
    times. -#}
{% macro shortened(ranges) -%}
    {%- if ranges | string | length > 25000 -%}
        {{- return([{'low': ranges[0].low, 'high': ranges[-1].high}]) -}}
    {%- endif -%}
    {{- return(ranges) -}}
{%- endmacro %}

{#- A row of `alias` may have one of these keys. -#}
{% macro in_key_ranges(alias) -%}
    {%- set noted = kept('key ranges').get(model.name) if can_look_up() else none -%}
    {{- return(
        in_ranges(alias ~ '.' ~ noted.column, noted.ranges) if noted else 'true'
    ) -}}
{%- endmacro %}

{#- The text `column` is in one of `ranges`, as literals. -#}
{% macro in_ranges(column, ranges) -%}
    {%- set conditions = ['false'] if not ranges else [] -%}
    {%- for range in ranges -%}
        {%- do conditions.append(
            column ~ " between '" ~ range.low | replace("'", "''")
            ~ "' and '" ~ range.high | replace("'", "''") ~ "'"
        ) -%}
    {%- endfor -%}
    {{- return('(' ~ conditions | join(' or ') ~ ')') -}}
{%- endmacro %}
