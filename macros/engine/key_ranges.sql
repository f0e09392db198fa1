{#- The ranges that hold the keys which a model makes anew, noted for its merge: literals, by which
    Athena leaves out the files of other keys while it plans (Iceberg has the least and the greatest
    of each file). By a join it does so only if the joined keys are there within a second. It prunes
    well where keys grow with time, and costs one small statement where they do not.

    One range per prefix, of the longest length that gives few of them. A single range would reach from
    the oldest order that a late event touches to the newest, and as text `o-9999` lies in between
    `o-3013318` and any `x-1`.

    keys    query for the keys
    column  the key's column -#}
{% macro note_key_ranges(keys, column) -%}
    {{- return(adapter.dispatch('note_key_ranges', 'retailpulse')(keys, column)) -}}
{%- endmacro %}

{% macro athena__note_key_ranges(keys, column) -%}
    {%- if can_look_up() and news().is_new -%}
        {%- set query -%}
            with

            prefixes as (

                select
                    {{ column }} as key,
                    length,
                    substr({{ column }}, 1, length) as prefix
                from ({{ keys }}) as touched
                cross join unnest(sequence(0, 64)) as lengths (length)
                where {{ column }} is not null

            ),

            longest as (

                select max(length) as length
                from (
                    select length
                    from prefixes
                    group by length
                    having approx_distinct(prefix) <= 200
                ) as few

            )

            select
                concat('=', min(prefixes.key)) as low,
                concat('=', max(prefixes.key)) as high
            from prefixes
            inner join longest
                on prefixes.length = longest.length
            group by prefixes.prefix
            order by low
        {%- endset -%}
        {%- set ranges = [] -%}
        {#- After a sign, as agate reads the text `null` as NULL, and an order may have that id. -#}
        {%- for row in run_query(query).rows -%}
            {%- do ranges.append({'low': row[0][1:], 'high': row[1][1:]}) -%}
        {%- endfor -%}
        {#- Athena takes 262,144 bytes, and a statement names the ranges twice. -#}
        {%- if ranges | string | length > 25000 -%}
            {%- set ranges = [{'low': ranges[0].low, 'high': ranges[-1].high}] -%}
        {%- endif -%}
        {%- do once('key ranges of ' ~ model.name, nothing_noted).update(
            {'column': column, 'ranges': ranges}
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#- DuckDB leaves them out by the join, always: eight literal ranges took 1.6 s where that took 0.8. -#}
{% macro duckdb__note_key_ranges(keys, column) -%}
{%- endmacro %}

{% macro nothing_noted() -%}
    {{- return({}) -}}
{%- endmacro %}

{#- A row of `alias` may have one of these keys. -#}
{% macro in_key_ranges(alias) -%}
    {%- set noted = once('key ranges of ' ~ model.name, nothing_noted) -%}
    {%- if not noted -%}
        {{- return('true') -}}
    {%- endif -%}
    {%- set conditions = ['false'] if not noted.ranges else [] -%}
    {%- for range in noted.ranges -%}
        {%- do conditions.append(
            alias ~ '.' ~ noted.column ~ " between '" ~ range.low | replace("'", "''")
            ~ "' and '" ~ range.high | replace("'", "''") ~ "'"
        ) -%}
    {%- endfor -%}
    {{- return('(' ~ conditions | join(' or ') ~ ')') -}}
{%- endmacro %}
