-- Every object of raw is read to its end: its gzip checksum is right, each line an envelope of its
-- partition. Nothing is built from raw where it fails.
{{ config(tags=['daily'], enabled=target.type == 'duckdb') }}

{%- do source('raw', 'events') %}

{{ damaged_files_as_rows('raw') }}
