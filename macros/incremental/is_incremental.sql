{#- dbt's own, which the variable `force_incremental` can answer for a compilation that has no
    warehouse to ask: the Athena gate compiles every model in both forms. -#}
{% macro is_incremental() -%}
    {%- if execute and var('force_incremental', none) is not none -%}
        {{- return(model.config.materialized == 'incremental' and var('force_incremental') | as_bool) -}}
    {%- endif -%}
    {{- return(dbt.is_incremental()) -}}
{%- endmacro %}
