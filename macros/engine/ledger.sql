{#- A table that its model only declares: created empty once, never rebuilt, filled by hooks. -#}
{% materialization ledger, default -%}
    {%- set relation = this.incorporate(type='table') -%}
    {%- if load_cached_relation(this) is none -%}
        {%- call statement('main') -%}
            {{ create_table_as(false, relation, compiled_code) }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- else -%}
        {%- do store_raw_result(name='main', message='kept', code='kept', rows_affected=0) -%}
    {%- endif -%}
    {{- return({'relations': [relation]}) -}}
{%- endmaterialization %}
