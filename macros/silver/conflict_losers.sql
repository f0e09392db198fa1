{#- The orders that a conflicting duplicate named, of the conflicts found in `window`. A loser may have
    been accepted before its rival came and replaced it: its order must be made again without it, and
    only the quarantine still knows which order that was. -#}
{% macro conflict_loser_orders(window) -%}
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
        where
            reject_reason = 'conflicting_duplicate'
            and {{ written_in(window) }}
    ) as conflicts
{%- endmacro %}
