{#- No key of the incremental models `tables` is there twice in the partitions that were written to lately.
    One statement for all of them, because on Athena each is billed: 2 USD a month in each fast run, so
    there it belongs to the hourly ones, and looks back two hours. On one machine each fast run tests
    what it wrote itself. Nothing is built from these tables that a failure would have to stop. -#}
{% test has_no_key_twice_where_written_lately(model, tables) %}

{{ config(tags=['fast'] if target.type == 'duckdb' else []) }}

{%- if wrote_nothing_upstream() -%}

{{ nothing_to_do() }}

{%- else -%}

{%- for table in tables %}
{{ 'union all' if not loop.first }}

{{ repeated_keys(table, since=none if target.type == 'duckdb' else add_minutes(run_at(), -120)) }}
{%- endfor %}

{%- endif %}

{% endtest %}
