{#- The items of a JSON array, in its order: each as an array of JSON texts, the item itself and what it
    has at each of `paths` (json_extract_all), so that in a lambda `item[1]` is the item and `item[2]` the
    first path's. NULL for what is no array. The first 1,000: a contract allows no more (MOST_ITEMS).

    json   the text of a JSON value, as json_extract_all gives it
    paths  paths in an item -#}
{% macro json_items(json, paths) -%}
    {{ return(adapter.dispatch('json_items', 'retailpulse')(json, paths)) }}
{%- endmacro %}

{% macro duckdb__json_items(json, paths) -%}
    case
        when substr({{ json }}, 1, 1) = '['
            then list_transform(
                json_extract({{ json }}, '$[*]')[1:1000],
                lambda item: cast(
                    json_extract(item, ['$', '{{ paths | join("', '") }}']) as varchar []
                )
            )
    end
{%- endmacro %}

{#- Each item by its place, and not by a cast to array(json): that takes the last value of a key that is
    repeated in an object, as json_parse does, and json_extract the first. Trino's sequence(1, 0) counts
    down, and one of more than 10,000 raises. -#}
{% macro athena__json_items(json, paths) -%}
    case
        when json_array_length({{ json }}) = 0
            then cast(array[] as array(array(varchar)))
        else transform(
            transform(
                sequence(1, least(json_array_length({{ json }}), 1000)),
                place -> json_extract({{ json }}, '$[' || cast(place - 1 as varchar) || ']')
            ),
            item -> array[
                json_format(item)
                {%- for path in paths -%}
                ,
                json_format(json_extract(item, '{{ path }}'))
                {%- endfor %}
            ]
        )
    end
{%- endmacro %}
