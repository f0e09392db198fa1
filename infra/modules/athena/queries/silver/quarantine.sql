-- What was rejected and is open, by reason and field, with what to do about it.
select
    quarantined_events_status.reject_reason,
    quarantined_events_status.reject_field,
    count(*) as event_count,
    min(quarantined_events_status.received_at) as first_received_at,
    max(quarantined_events_status.received_at) as last_received_at,
    reject_reasons.meaning,
    reject_reasons.what_to_do
from quarantined_events_status
left join reject_reasons
    on quarantined_events_status.reject_reason = reject_reasons.reject_reason
where quarantined_events_status.status = 'open'
group by
    quarantined_events_status.reject_reason,
    quarantined_events_status.reject_field,
    reject_reasons.meaning,
    reject_reasons.what_to_do
order by
    event_count desc,
    quarantined_events_status.reject_reason asc,
    quarantined_events_status.reject_field asc
