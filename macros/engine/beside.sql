{#- What the names of tables end with that are rebuilt beside those in use, on Athena; else nothing. The
    variable `rebuild` says at which step a rebuild is (retailpulse/cloud/scheduled/rebuild.py):

    beside  everything is built under these names, from nothing
    views   the tables are swapped, and the views are made to read them by their own names -#}
{% macro beside_suffix() -%}
    {{- return('__next' if var('rebuild', none) == 'beside' else '') -}}
{%- endmacro %}
