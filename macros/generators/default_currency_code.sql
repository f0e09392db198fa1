{#- The variable, refused unless it is three upper-case letters: it is spliced into SQL. -#}
{% macro default_currency_code() -%}
    {%- set code = var('default_currency_code') -%}
    {%- if not modules.re.fullmatch('[A-Z]{3}', code) -%}
        {%- do exceptions.raise_compiler_error(
            "default_currency_code must be an ISO 4217 code such as USD, not '" ~ code ~ "'"
        ) -%}
    {%- endif -%}
    {{- return(code) -}}
{%- endmacro %}
