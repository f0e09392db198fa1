{#- Raw or staging rows that arrived in `window`; `of` is their alias with its dot. `dt` and `hour`,
    the partition columns, are compared with literals, which is what makes both engines open only the
    objects of these hours. -#}
{% macro arrived_in(window, of='') -%}
    {{ of }}received_at < timestamp '{{ window.high }}'
    {%- if window.low is not none %}
    and {{ of }}received_at >= timestamp '{{ window.low }}'
    {%- endif %}
    and {{ landed_in_hours(window, of) }}
{%- endmacro %}

{#- The partitions of that window alone. Without an end within its last day a fast run listed S3 once
    more for each hour that was still to come, type and reader: 500 requests, at the price of a PUT. -#}
{% macro landed_in_hours(window, of='') -%}
    {{ of }}dt <= '{{ window.high[:10] }}'
    and (
        {{ of }}dt < '{{ window.high[:10] }}'
        or {{ of }}hour <= '{{ window.high[11:13] }}'
    )
    {%- if window.low is not none %}
    and (
        {{ of }}dt > '{{ window.low[:10] }}'
        or ({{ of }}dt = '{{ window.low[:10] }}' and {{ of }}hour >= '{{ window.low[11:13] }}')
    )
    {%- endif %}
{%- endmacro %}

{#- Rows of quarantined_events, as `existing`, whose lines arrived in `window`. -#}
{% macro quarantined_in(window) -%}
    existing.received_at < timestamp '{{ window.high }}'
    and existing.arrival_date <= date '{{ window.high[:10] }}'
    {%- if window.low is not none %}
    and existing.received_at >= timestamp '{{ window.low }}'
    and existing.arrival_date >= date '{{ window.low[:10] }}'
    {%- endif %}
{%- endmacro %}

{#- Silver rows written after the window's low, this run's own included. There is no upper bound: a row
    from the future (a clock was wrong) must not wait for its time, and one read too early is read
    again. -#}
{% macro written_in(window) -%}
    {%- if window.low is none -%}
    true
    {%- else -%}
    processed_at > timestamp '{{ window.low }}'
    {%- endif %}
{%- endmacro %}

{#- The start of this run, as the column processed_at of the rows it writes. -#}
{% macro processed_at() -%}
    cast(timestamp '{{ run_at() }}' as {{ type_timestamp6() }})
{%- endmacro %}
