{#- What merging `src` into `dest` touches: {'dates': of its partitions, sorted, 'has_deleted': whether a
    key is deleted}; none where `src` has no row. A model says in `meta.keys_move` where its keys may be
    now: `anywhere`, the default; `recently`, where the key decides the date in all but the documented
    exception and the last days are searched (variable conflict_lookback_days); `never`, where the key
    decides the date. A key that is deleted gives no date, and is sought everywhere. -#}
{% macro touched_partitions(src, dest, unique_key) -%}
    {%- set partition_column = partition_date() -%}
    {%- set keys_move = config.get('meta', {}).get('keys_move', 'anywhere') -%}
    {%- set query -%}
        select distinct {{ partition_column }} as touched_date
        from {{ src }}
        {%- if keys_move != 'never' %}
        union all
        {{ dates_of_keys(dest, src, unique_key, partition_column) }}
        {%- if keys_move == 'recently' %}
        where dest.{{ partition_column }} >= date '{{ conflict_lookback_date() }}'
        {%- endif %}
        {%- endif %}
        {%- if keys_move != 'anywhere' %}
        union all
        {{ dates_of_keys(
            dest,
            '(select * from ' ~ src ~ ' where ' ~ partition_column ~ ' is null)',
            unique_key,
            partition_column
        ) }}
        {%- endif %}
    {%- endset -%}
    {%- set found = run_query(query).columns[0].values() -%}
    {%- if found | length == 0 -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set dates = [] -%}
    {%- for date in found | reject('none') -%}
        {%- do dates.append(date | string | truncate(10, true, '')) -%}
    {%- endfor -%}
    {{- return({'dates': dates | unique | sort, 'has_deleted': none in found}) -}}
{%- endmacro %}

{#- Whether rows of one key are the same thing, where a key may come again: before the last days a row of
    another date is another one, whatever partitions the merge touches. -#}
{% macro may_be_the_same(dest, src) -%}
    {%- if config.get('meta', {}).get('keys_move') != 'recently' -%}
        {{- return('true') -}}
    {%- endif -%}
    {%- set date = partition_date() -%}
    {{- return(
        '(' ~ dest ~ '.' ~ date ~ " >= date '" ~ conflict_lookback_date() ~ "' or "
        ~ src ~ '.' ~ date ~ ' is null or ' ~ dest ~ '.' ~ date ~ ' = ' ~ src ~ '.' ~ date ~ ')'
    ) -}}
{%- endmacro %}

{#- Whether `dest` holds, in the partitions `dates`, a row of a key of `src` that is not the same thing: by
    may_be_the_same, which then has to be asked. -#}
{% macro holds_another_of_a_key(dest, src, unique_key, dates) -%}
    {%- if config.get('meta', {}).get('keys_move') != 'recently' -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set date = partition_date() -%}
    {%- set query -%}
        select 1
        from {{ dest }} as dest
        inner join {{ src }} as src
            on
            {%- for key in unique_key %}
                {{ 'and ' if not loop.first }}dest.{{ key }} = src.{{ key }}
            {%- endfor %}
        where
            dest.{{ date }} < date '{{ conflict_lookback_date() }}'
            and {{ in_dates('dest.' ~ date, dates) }}
            and dest.{{ date }} <> src.{{ date }}
        limit 1
    {%- endset -%}
    {{- return(run_query(query).rows | length > 0) -}}
{%- endmacro %}

{#- The dates under which `dest` holds the keys of `src`. -#}
{% macro dates_of_keys(dest, src, unique_key, partition_column) -%}
    select distinct dest.{{ partition_column }} as touched_date
    from {{ dest }} as dest
    inner join {{ src }} as src
        on
        {%- for key in unique_key %}
            {{ 'and ' if not loop.first }}dest.{{ key }} = src.{{ key }}
        {%- endfor %}
            and {{ in_key_ranges('dest') }}
{%- endmacro %}

{#- `column` is in the partitions `dates`, as literals. A range where the list would be long: Athena
    takes statements of 262,144 bytes at most, and a range is never narrower. -#}
{% macro in_dates(column, dates) -%}
    {%- if dates | length == 0 -%}
        {{- return('false') -}}
    {%- elif dates | length > 500 -%}
        {{- return(
            column ~ " between date '" ~ dates | first ~ "' and date '" ~ dates | last ~ "'"
        ) -}}
    {%- endif -%}
    {{- return(column ~ " in (date '" ~ dates | join("', date '") ~ "')") -}}
{%- endmacro %}

{#- The first day that a look for an event under another date covers (variable
    conflict_lookback_days); every day where a model reads again what it has read long ago, as a changed
    rule can accept an earlier body of any event. -#}
{% macro conflict_lookback_date() -%}
    {%- if reads_history() -%}
        {{- return('1970-01-01') -}}
    {%- endif -%}
    {%- set minutes = var('conflict_lookback_days') | int * 24 * 60 -%}
    {{- return(add_minutes(run_at(), -minutes)[:10]) -}}
{%- endmacro %}

{#- How many partitions of Athena's hold `dates` (text), told by their first characters: at most one for
    each value of what the model keeps apart (partitioned_by), of which there are two. -#}
{% macro most_partitions(dates) -%}
    {%- set length = 7 if var('partition_by') == 'month' else 10 -%}
    {%- set partitions = [] -%}
    {%- for date in dates -%}
        {%- do partitions.append(date[:length]) -%}
    {%- endfor -%}
    {{- return(partitions | unique | list | length * (config.get('partitioned_by') | length)) -}}
{%- endmacro %}

{#- Whether a model reads again what it has read long ago, and not only what is new. -#}
{% macro reads_history() -%}
    {{- return(var('backfill', none) is not none or run_window().low is none) -}}
{%- endmacro %}
