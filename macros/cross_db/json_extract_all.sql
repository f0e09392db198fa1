{#- The values at `paths` of the text `json`, an array of JSON texts (the first is [1]) with NULL where
    nothing is there. All of them are NULL for a text that is no JSON, as of a raw object that was cut
    off; DuckDB raises on it without `try`, which costs it a tenth more.

    Of a JSON text that is cut off Trino's json_extract has what stands before the cut (it reads as far
    as it must), DuckDB nothing. The ingester writes no such line, and what cuts an object cuts its gzip,
    on which both engines stop.

    lists  those of the paths at which a list may be whose items are read (json_items)

    One call, because it is the expensive part of reading raw: DuckDB parses the text once for all paths.
    With a call per path and value 200,000 events took 10 s, with this one 1.6 s. -#}
{% macro json_extract_all(json, paths, lists=[]) -%}
    {{ return(adapter.dispatch('json_extract_all', 'retailpulse')(json, paths, lists)) }}
{%- endmacro %}

{% macro duckdb__json_extract_all(json, paths, lists) -%}
    try(json_extract({{ json }}, ['{{ paths | join("', '") }}']))
{%- endmacro %}

{#- A number too large for a double (1e400) is the text "Infinity" to Trino's json_extract: with it for
    an order_id an event was accepted on Athena, and rejected on DuckDB. json_extract_scalar has it as
    it was sent, and tells it from a text that says Infinity. Inside an object or an array it stays: of
    those nobody reads more than that they are one, but for `lists`, in which 1e308 stands for it.

    Only where there may be such a number: with this care for each value, which extracts it twice,
    100,000 events took 10.6 s instead of 5.0 s. The ingester splices no number of more than 100
    characters, so that one too large has an exponent of three digits. -#}
{% macro athena__json_extract_all(json, paths, lists) -%}
    case
        when {{ regexp_like(json, '[:,\\s\\[]-?[0-9.]+[eE][+]?[0-9]{3}') }}
            then transform(
                zip(
                    array[
                        {%- for path in paths %}
                        json_format(json_extract(
                            {{- retailpulse.with_finite_numbers(json) if path in lists else json -}}
                            , '{{ path }}')){{ ',' if not loop.last }}
                        {%- endfor %}
                    ],
                    array[
                        {%- for path in paths %}
                        json_extract_scalar({{ json }}, '{{ path }}'){{ ',' if not loop.last }}
                        {%- endfor %}
                    ]
                ),
                found -> case
                    when
                        found[1] in ('"Infinity"', '"-Infinity"')
                        and found[2] not in ('Infinity', '-Infinity')
                        then found[2]
                    else found[1]
                end
            )
        else array[
            {%- for path in paths %}
            json_format(json_extract({{ json }}, '{{ path }}')){{ ',' if not loop.last }}
            {%- endfor %}
        ]
    end
{%- endmacro %}

{#- A JSON text whose numbers too large for a double are 1e308, which is as little allowed anywhere. -#}
{% macro with_finite_numbers(json) -%}
    regexp_replace(
        {{- json }},
        '("(?:[^"\\]|\\.)*"|-?[0-9.]+[eE][+]?[0-9]{3,})',
        token -> case when is_infinite(try_cast(token[1] as double)) then '1e308' else token[1] end
    )
{%- endmacro %}
