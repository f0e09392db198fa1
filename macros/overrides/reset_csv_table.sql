{#- dbt drops a seed's table before it begins the transaction that makes it again, so that a reader, or a run
    after one that was killed in between, finds none (seen with `fact_orders`, a view that read a seed).
    Dropped by a statement that begins the transaction, it is replaced at once. -#}
{% macro duckdb__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- call statement('drop_seed') -%}
        drop table {{ old_relation }}
    {%- endcall -%}
    {#- Without statistics, which take a commit. -#}
    {{- return(dbt.default__create_csv_table(model, agate_table)) -}}
{%- endmacro %}
