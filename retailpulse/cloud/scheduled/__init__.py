"""A scheduled run of dbt in its container: what it runs, how it ends, and who is told."""
