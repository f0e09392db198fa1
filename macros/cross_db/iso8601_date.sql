{#- The day that YYYY-MM-DD names, as date; NULL for any other text and for no day of the calendar. The
    pattern is there because a cast alone also reads 2026-1-4, a time behind the day (DuckDB) and year 0;
    the rest both engines read alike. -#}
{% macro iso8601_date(text) -%}
    case
        when
            {{ regexp_like(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}\\z') }}
            and substr({{ text }}, 1, 4) <> '0000'
            then try_cast({{ text }} as date)
    end
{%- endmacro %}
