{#- The variable, refused unless it is a decimal number: it is spliced into SQL. -#}
{% macro premium_order_amount() -%}
    {%- set amount = var('premium_order_amount') | string -%}
    {%- if not modules.re.fullmatch('[0-9]{1,14}([.][0-9]{1,4})?', amount) -%}
        {%- do exceptions.raise_compiler_error(
            "premium_order_amount must be a decimal number such as 500, not '" ~ amount ~ "'"
        ) -%}
    {%- endif -%}
    {{- return('cast(' ~ amount ~ ' as decimal(18, 4))') -}}
{%- endmacro %}
