-- The five-minute path's test of silver, one statement because each is billed: no key twice in the
-- partitions written to, and nothing lost or doubled of what arrived lately.
-- Gold is not built where it fails.
{{
    config(
        tags=['fast'],
        meta={
            'never_ahead_of': accepted_models() + ['quarantined_events'],
            'reads_recent_arrivals': true,
        },
    )
}}

{%- for name in accepted_models() + ['quarantined_events', 'orders'] %}

{{ repeated_keys(name) }}

union all
{%- endfor %}

select
    'lines were lost or doubled' as problem,
    cast(arrival_hour as varchar) as which
from (
    {{ unaccounted_hours(recent_arrivals_low(recorded_windows())) }}
) as unaccounted
