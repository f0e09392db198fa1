{#- dbt's own, but for what is made for one invocation and never there to be cloned. -#}
{% materialization clone, default -%}
    {%- if model.config.materialized == 'arrivals' -%}
        {{- return({'relations': []}) -}}
    {%- endif -%}
    {{- return(dbt.materialization_clone_default()) -}}
{%- endmaterialization %}
