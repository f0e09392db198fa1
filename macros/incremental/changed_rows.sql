{#- CTEs that end in `changed`: what merging `fresh` into the model's own table has to write, and no
    more, so that a run with nothing new writes nothing and processed_at says when a row changed.

    fresh             name of a CTE with the rows as they should be, for all keys of `touched`
    columns           the columns of fresh, all but processed_at
    keys              the unique key
    partition_column  the partition date; NULL in a row that says "this key is gone" (bounded_merge)
    touched           name of a CTE with the keys (or a part of them, touched_keys) that this run
                      recomputes
    window            the model's window; without a low, every key is recomputed -#}
{% macro changed_rows(fresh, columns, keys, partition_column, touched, window, touched_keys=none) -%}
{%- if not is_incremental() -%}
changed as (

    select {{ columns | join(', ') }}
    from {{ fresh }}

)
{%- else -%}
existing as (

    select existing.{{ columns | join(', existing.') }}
    from {{ this }} as existing
    {%- if window.low is not none %}
    inner join (select distinct {{ (touched_keys or keys) | join(', ') }} from {{ touched }}) as touched
        on
        {%- for key in touched_keys or keys %}
            {{ 'and ' if not loop.first }}existing.{{ key }} = touched.{{ key }}
        {%- endfor %}
    {%- endif %}

),

new_or_different as (

    select {{ columns | join(', ') }} from {{ fresh }}
    except
    select {{ columns | join(', ') }} from existing

),

changed as (

    select * from new_or_different
    union all
    select
        {%- for column in columns %}
        {{ 'cast(null as date)' if column == partition_column else 'existing.' ~ column }} as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from existing
    left join {{ fresh }} as fresh
        on
        {%- for key in keys %}
            {{ 'and ' if not loop.first }}existing.{{ key }} = fresh.{{ key }}
        {%- endfor %}
    where fresh.{{ keys | first }} is null

)
{%- endif -%}
{%- endmacro %}
