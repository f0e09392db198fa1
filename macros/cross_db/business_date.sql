{#- The calendar day, in the time zone of the variable business_timezone, of a UTC timestamp.
    DuckDB reads `at time zone` on a zoneless timestamp as "is in", Athena only converts. -#}
{% macro business_date(timestamp_utc) -%}
    {{ return(adapter.dispatch('business_date', 'retailpulse')(timestamp_utc)) }}
{%- endmacro %}

{% macro duckdb__business_date(timestamp_utc) -%}
    cast(
        ({{ timestamp_utc }} at time zone 'UTC') at time zone '{{ business_timezone() }}' as date
    )
{%- endmacro %}

{% macro athena__business_date(timestamp_utc) -%}
    cast(
        at_timezone(with_timezone({{ timestamp_utc }}, 'UTC'), '{{ business_timezone() }}') as date
    )
{%- endmacro %}

{#- The variable, refused unless it looks like an IANA name: it is spliced into SQL. -#}
{% macro business_timezone() -%}
    {%- set name = var('business_timezone') -%}
    {%- if not modules.re.fullmatch('[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*', name) -%}
        {%- do exceptions.raise_compiler_error(
            "business_timezone must be an IANA time zone such as Europe/Berlin, not '" ~ name ~ "'"
        ) -%}
    {%- endif -%}
    {{- return(name) -}}
{%- endmacro %}
