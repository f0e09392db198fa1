{#- A contract of an incremental run, checked against the temporary table's columns as Glue has them,
    precision and scale included. dbt's own check sends two billed statements before it. -#}
{% macro athena__get_assert_columns_equivalent(sql) -%}
    {%- if not is_incremental() -%}
        {{- return(assert_columns_equivalent(sql)) -}}
    {%- endif -%}
{%- endmacro %}

{% macro assert_contract(tmp_relation) -%}
    {%- if config.get('contract').enforced -%}
        {%- set promised = [] -%}
        {%- for column in model.columns.values() -%}
            {%- do promised.append({
                'name': column.name,
                'data_type': ddl_data_type(column.data_type, 'iceberg') | replace(' ', ''),
            }) -%}
        {%- endfor -%}
        {%- set made = [] -%}
        {%- for column in adapter.get_columns_in_relation(tmp_relation) -%}
            {%- do made.append({'name': column.name, 'data_type': column.dtype | lower}) -%}
        {%- endfor -%}
        {%- if promised | sort(attribute='name') != made | sort(attribute='name') -%}
            {%- do exceptions.raise_contract_error(promised, made) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
