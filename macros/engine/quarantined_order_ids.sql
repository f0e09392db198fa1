{#- The orders that the lines quarantined since the low of `window` named. Such a line may have been
    accepted before: until the rival that it conflicts with became visible, or until a rule changed. Its
    order must be made again without it, and only the quarantine still knows which order that was. An id
    that no order can have is left out: it may be a megabyte long. -#}
{% macro quarantined_order_ids(window) -%}
    select
        source,
        order_id
    from (
        select
            source,
            case
                when {{ json_is_string('value[1]') }} then {{ json_text('value[3]') }}
                else {{ json_text('value[2]') }}
            end as order_id
        from (
            select
                source,
                {{ json_extract_all('line', [
                    '$.payload.specversion', '$.payload.order_id', '$.payload.data.order_id'
                ]) }} as value
            from {{ ref('quarantined_events') }}
            where {{ written_in(window) }}
        ) as quarantined
    ) as named
    where {{ is_identifier('order_id') }}
{%- endmacro %}
