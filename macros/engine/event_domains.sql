{#- The domains of events: for each `x-domain` of a contract, the silver table that holds its accepted
    events, and the typed columns that make two bodies the same event or a conflict. -#}
{% macro event_domains() -%}
    {{- return({
        'orders': {
            'accepted': 'order_events',
            'typed_columns': [
                'event_type', 'event_at', 'order_id', 'customer_id', 'status', 'amount',
                'currency_code',
            ],
        },
    }) -}}
{%- endmacro %}

{#- The silver tables of accepted events, by name. -#}
{% macro accepted_models() -%}
    {{- return(event_domains().values() | map(attribute='accepted') | list) -}}
{%- endmacro %}

{#- The valid events of a domain, from each of its staging models; `filter` is a condition on them. -#}
{% macro valid_events(domain, filter='true') -%}
    {%- set columns = ['source', 'event_id'] + event_domains()[domain].typed_columns
        + ['received_at', 'message_id', 'replayed_from'] -%}
    {%- for type in known_event_types() if type.domain == domain %}
    {{ 'union all' if not loop.first }}
    select
        {{ columns_or_nulls(type, columns) | join(',\n        ') }}
    from {{ ref(type.staging_model) }}
    where
        reject_reason is null
        and {{ filter }}
    {%- endfor %}
{%- endmacro %}

{#- Whether two rows, by their aliases, hold the same event: all typed columns alike, NULL like NULL. -#}
{% macro same_event(domain, left, right) -%}
    {%- for column in event_domains()[domain].typed_columns %}
        {{ 'and ' if not loop.first -}}
        {{ left }}.{{ column }} is not distinct from {{ right }}.{{ column }}
    {%- endfor %}
{%- endmacro %}
