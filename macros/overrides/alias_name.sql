{#- dbt's own, but where silver and gold are rebuilt beside the tables that are there: those have the same
    names with a suffix then. -#}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {{- return(dbt.default__generate_alias_name(custom_alias_name, node) | trim ~ beside_suffix()) -}}
{%- endmacro %}
