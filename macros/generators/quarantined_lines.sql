{#- The quarantine beside an accepted table: every line of its event types that is rejected, by its own
    content or because an accepted event with its (source, event_id) has other values.

    quarantined_lines(domain)      of the facts of a domain; `operations` has the lines of no known type
    quarantined_versions(entity)   of the images of rows of one type

    Example, the whole of models/silver/carts/carts_quarantined.sql:

    {% raw %}{{ quarantined_lines('carts') }}{% endraw %} -#}
{% macro quarantined_lines(domain) -%}
    {{- retailpulse.quarantined(domain ~ '_events') -}}
{%- endmacro %}

{% macro quarantined_versions(entity) -%}
    {{- retailpulse.quarantined(entity ~ '_versions') -}}
{%- endmacro %}

{% macro quarantined(name) -%}
{%- set tables = judged_tables(name) -%}
{%- set has_unrecognised = name == 'operations_events' -%}
{{ config(
    enabled=tables | rejectattr('is_enabled') | list | length == 0,
    contract={'enforced': true},
    unique_key=['received_at', 'message_id'],
    partitioned_by=partitioned_by('arrival_date'),
    table_properties=file_properties(),
    meta={
        'partition_date': 'arrival_date',
        'reads_raw': true,
        'rebuild_on': ['default_currency_code', 'earliest_event_date'],
        'keys_move': 'never',
    },
) }}

{#- Read by the test of silver and by no model: as an ancestor of gold it lets `dbt build` hold gold
    back until that test has passed. -#}
{%- if not execute -%}
    {%- do ref('stg_events__landed') -%}
{%- endif -%}

{%- if is_up_to_date() -%}
    {{- return(nothing_to_do()) -}}
{%- endif -%}

{%- set window = run_window() %}

{#- What is accepted under a line's key is sought on any recent day, and on the line's own day. Apart, so
    that a literal bounds the first and the days of the lines the second: neither reads history. Where
    literals bound both, one scan does. -#}
{%- set since = conflict_lookback_date() %}
{%- set is_recent = "accepted.event_utc_date >= date '" ~ since ~ "'" %}
{%- set is_on_its_day = 'accepted.event_utc_date = cast(line.event_at as date)' %}
{%- set in_days = in_event_days('accepted.event_utc_date') %}
{%- set looks = [
    '(' ~ is_recent ~ ' or ' ~ in_days ~ ') and (' ~ is_recent ~ ' or ' ~ is_on_its_day ~ ')',
] if is_merged_at_once() else [
    is_recent,
    "accepted.event_utc_date < date '" ~ since ~ "' and " ~ is_on_its_day ~ ' and ' ~ in_days,
] %}
{%- set columns = [
    'source', 'event_id', 'event_type', 'event_name', 'event_ts', 'payload_encoding', 'line',
    'received_at', 'message_id', 'replayed_from',
] %}
{%- set reject = ['reject_reason', 'reject_field', 'reject_value'] %}

with

{%- for table in tables %}

lines_of_{{ table.name }} as (

    {{ judged_lines(
        table,
        (columns + typed_columns(table)) | unique | list + reject,
        arrived_in(window),
        window.low
    ) }}

),

accepted_in_{{ table.name }} as (

    {%- if window.low is none %}
    select * from {{ ref(table.name) }}
    {%- else %}
    {%- for look in looks %}
    {{ 'union all' if not loop.first }}
    select accepted.*
    from {{ ref(table.name) }} as accepted
    inner join lines_of_{{ table.name }} as line
        on
            accepted.source = line.source
            and accepted.event_id = line.event_id
            and {{ look }}
    {%- endfor %}
    {%- endif %}

),
{%- endfor %}

quarantined as (

    {%- if has_unrecognised %}

    select
        {{ (columns + reject) | join(',\n        ') }}
    from {{ ref('stg_events__unrecognised') }}
    where {{ arrived_in(window) }}
    {%- endif %}

    {%- for table in tables %}
    {{ 'union all' if has_unrecognised }}
    select
        line.{{ columns | join(',\n        line.') }},
        coalesce(line.reject_reason, 'conflicting_duplicate') as reject_reason,
        case
            when line.reject_reason is not null then line.reject_field
            when {{ json_is_string(json_extract_all('line.line', ['$.payload.specversion']) ~ '[1]') }}
                then 'id'
            else 'event_id'
        end as reject_field,
        case
            when line.reject_reason is null then line.event_id
            else line.reject_value
        end as reject_value
    from lines_of_{{ table.name }} as line
    left join accepted_in_{{ table.name }} as accepted
        on
            line.source = accepted.source
            and line.event_id = accepted.event_id
    where
        line.reject_reason is not null
        or (
            accepted.event_id is not null
            and not ({{ same_event(table, 'line', 'accepted') }})
        )
    {%- endfor %}

),

-- Beyond conflict_lookback_days a key can be accepted twice, and a line conflict with both.
numbered as (

    select
        *,
        row_number() over (
            partition by received_at, message_id order by reject_reason, line
        ) as line_rank
    from quarantined

),

rejected_lines as (

    select
        {{ (columns + reject) | join(',\n        ') }},
        cast(received_at as date) as arrival_date
    from numbered
    where line_rank = 1

),

{#- A line that is no longer rejected (a rule was corrected and its arrivals read again) leaves. #}
{{ changed_rows(
    'rejected_lines',
    columns + reject + ['arrival_date'],
    ['received_at', 'message_id'],
    among='where ' ~ quarantined_in(window)
) }}

select
    cast(source as varchar) as source,
    cast(event_id as varchar) as event_id,
    cast(event_type as varchar) as event_type,
    cast(event_name as varchar) as event_name,
    cast(event_ts as varchar) as event_ts,
    cast(reject_reason as varchar) as reject_reason,
    cast(reject_field as varchar) as reject_field,
    cast(reject_value as varchar) as reject_value,
    cast(payload_encoding as varchar) as payload_encoding,
    cast(line as varchar) as line,
    cast(received_at as {{ type_timestamp6() }}) as received_at,
    cast(message_id as varchar) as message_id,
    cast(replayed_from as varchar) as replayed_from,
    cast(arrival_date as date) as arrival_date,
    {{ processed_at() }} as processed_at
from changed
{%- endmacro %}
