{#- The keys, (system, id), that the lines quarantined since the low of `window` named. Such a line may
    have been accepted before: until the one that it conflicts with became visible, or until a rule
    changed. What it said of its key must be taken back, and only the quarantine still knows which key
    that was. An id that nothing can have is left out: it may be a megabyte long.

    name    the accepted table beside the quarantine
    id      the field that holds the id; of a key of several fields the first -#}
{% macro quarantined_keys(name, id, window) -%}
    select
        {{ system_of('source') }} as system,
        {{ id }}
    from (
        select
            source,
            case
                when {{ json_is_string('value[1]') }} then {{ json_text('value[3]') }}
                else {{ json_text('value[2]') }}
            end as {{ id }}
        from (
            select
                source,
                {{ json_extract_all('line', [
                    '$.payload.specversion', '$.payload.' ~ id, '$.payload.data.' ~ id
                ]) }} as value
            from {{ ref(quarantine_of(name)) }}
            where {{ written_in(window) }}
        ) as quarantined
    ) as named
    where {{ is_identifier(id) }}
{%- endmacro %}
