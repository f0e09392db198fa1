-- Over all arrivals. Fails with the hours of arrival in which lines were lost or doubled.
{{
    config(
        tags=['daily'],
        meta={'never_ahead_of': accepted_models() + ['quarantined_events']},
    )
}}

{{ unaccounted_hours() }}
