-- Warns of what is set aside, until somebody has settled it.
{{ config(tags=['daily'], severity='warn', enabled=target.type == 'duckdb') }}

{{ damaged_files_as_rows('set_aside') }}
