{#- No two rows share `columns`, over all partitions. Fails with each key that is there more than once.
    With `touched_only`, only in the partitions that the last run wrote to: what the five-minute path
    can afford. -#}
{% test unique_key(model, columns, partition_column=none, touched_only=false) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
{%- if touched_only %}
where {{ partition_column }} in (
    select distinct {{ partition_column }}
    from {{ model }}
    where processed_at = (select max(processed_at) from {{ model }})
)
{%- endif %}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
