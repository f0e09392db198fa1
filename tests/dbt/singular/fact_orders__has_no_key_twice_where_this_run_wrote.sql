{{ config(tags=['fast']) }}

{{ repeated_keys('fact_orders') }}
