-- A file of the tables that is gone is missed by none until a query needs it.
{{ config(tags=['fast'], enabled=target.type == 'duckdb') }}

{{ damaged_files_as_rows('tables') }}
