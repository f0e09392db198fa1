-- The same over what arrived since the run before the last, for the five-minute path.
{{
    config(
        tags=['fast'],
        meta={
            'never_ahead_of': accepted_models() + ['quarantined_events'],
            'reads_recent_arrivals': true,
        },
    )
}}

{{ unaccounted_hours(recent_arrivals_low(recorded_windows())) }}
