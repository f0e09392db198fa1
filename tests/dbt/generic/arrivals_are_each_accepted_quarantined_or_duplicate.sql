{#- Over the arrivals of an accepted table's event types in the last days (variable `conservation_days`; 0
    for all there ever were), on its quarantine. Fails with the hours of arrival in which lines were lost or
    doubled.

    accepted  the table's name -#}
{% test arrivals_are_each_accepted_quarantined_or_duplicate(model, accepted) %}

{{ config(tags=['daily']) }}

{%- set days = var('conservation_days')[target.type] if var('conservation_days') is mapping
    else var('conservation_days') %}

{{ unaccounted_hours(
    accepted, add_minutes(run_at()[:10], -24 * 60 * days | int) if days | int else none
) }}

{% endtest %}
