{#- No key of the incremental models `tables` is there twice in the partitions that this run wrote to. One
    statement for all of them, because each is billed. -#}
{% test has_no_key_twice_where_this_run_wrote(model, tables) %}

{{ config(tags=['fast']) }}

{%- if wrote_nothing_upstream() -%}

{{ nothing_to_do() }}

{%- else -%}

{%- for table in tables %}
{{ 'union all' if not loop.first }}

{{ repeated_keys(table) }}
{%- endfor %}

{%- endif %}

{% endtest %}
