{#- No two rows share `columns`, over all partitions. Fails with each key that is there more than once. -#}
{% test unique_key(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
