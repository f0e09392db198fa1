{#- The five-minute path's test of an accepted table and its quarantine, on the latter; one statement because
    each is billed: no key twice where this run wrote, and nothing lost or doubled of what arrived lately.
    The entities that are made of the table are not built where it fails.

    accepted  the table's name -#}
{% test is_right_where_this_run_wrote(model, accepted) %}

{{ config(tags=['fast'], meta={'reads_recent_arrivals': true}) }}

{%- if wrote_nothing_upstream() -%}

{{ nothing_to_do() }}

{%- else -%}

{%- for name in judged_tables(accepted) | map(attribute='name') | list + [quarantine_of(accepted)] %}

{{ repeated_keys(name) }}

union all
{%- endfor %}

select
    'lines were lost or doubled' as problem,
    cast(arrival_hour as varchar) as which
from (
    {{ unaccounted_hours(accepted, recent_arrivals_low(context.model)) }}
) as unaccounted

{%- endif %}

{% endtest %}
