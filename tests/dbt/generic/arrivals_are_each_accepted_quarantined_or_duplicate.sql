{#- Over all arrivals of a domain's event types, on its quarantine. Fails with the hours of arrival in
    which lines were lost or doubled. -#}
{% test arrivals_are_each_accepted_quarantined_or_duplicate(model, domain) %}

{{ config(tags=['daily']) }}

{{ unaccounted_hours(domain) }}

{% endtest %}
