{#- No key of an incremental model is there twice in the partitions that this run wrote to. -#}
{% test has_no_key_twice_where_this_run_wrote(model, table) %}

{{ config(tags=['fast']) }}

{{ repeated_keys(table) }}

{% endtest %}
