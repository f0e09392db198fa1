{#- dbt's own, but for two cases. `dbt show` shows the rows of the model and not what the next run would
    merge, which mostly is nothing. The variable `force_incremental` answers for a compilation that has
    no warehouse to ask: the Athena gate and the linter read every model in both forms. -#}
{% macro is_incremental() -%}
    {%- if is_shown() -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- if execute and var('force_incremental', none) is not none -%}
        {{- return(model.config.materialized == 'incremental' and var('force_incremental') | as_bool) -}}
    {%- endif -%}
    {{- return(dbt.is_incremental()) -}}
{%- endmacro %}

{#- Whether this is `dbt show`. -#}
{% macro is_shown() -%}
    {{- return(flags.WHICH == 'show') -}}
{%- endmacro %}
