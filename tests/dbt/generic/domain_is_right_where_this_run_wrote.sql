{#- The five-minute path's test of a domain's silver, on its quarantine; one statement because each is
    billed: no key twice where this run wrote, and nothing lost or doubled of what arrived lately. The
    domain's entities are not built where it fails. -#}
{% test domain_is_right_where_this_run_wrote(model, domain) %}

{{ config(tags=['fast'], meta={'reads_recent_arrivals': true}) }}

{%- if wrote_nothing_upstream() -%}

{{ nothing_to_do() }}

{%- else -%}

{%- for name in accepted_tables(domain) | map(attribute='name') | list + [domain ~ '_quarantined'] %}

{{ repeated_keys(name) }}

union all
{%- endfor %}

select
    'lines were lost or doubled' as problem,
    cast(arrival_hour as varchar) as which
from (
    {{ unaccounted_hours(domain, recent_arrivals_low(context.model)) }}
) as unaccounted

{%- endif %}

{% endtest %}
