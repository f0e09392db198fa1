-- The same over what arrived since the run before the last, for the five-minute path.
{{
    config(
        tags=['fast'],
        meta={'never_ahead_of': accepted_models() + ['quarantined_events']},
    )
}}

{%- set last = last_success('quarantined_events').high %}

{{ unaccounted_hours(add_minutes(last, -2 * var('lookback_minutes') | int) if last else none) }}
