-- Raw to gold in one script, for one full build of a plain DuckDB file. The variable `raw` is the raw
-- zone's folder. The reasons are those of models/staging, in the same order.
set timezone = 'UTC';

create schema retailpulse_silver;
create schema retailpulse;

create temp macro is_identifier(name) as
    coalesce(length(name), 0) between 1 and 256 and not regexp_matches(name, '[\x00-\x1f\x7f]');

create temp macro lines(folders) as table
    select
        line,
        -- Cheaper than parsing: the ingester writes it before the payload.
        regexp_extract(line, '"message_id":"([^"]*)"', 1) as message_id
    from read_csv(
        getvariable('raw') || '/events/' || folders || '/*/*/*.ndjson.gz',
        columns = {line: 'varchar'}, header = false, auto_detect = false, delim = chr(1),
        quote = '', escape = '', max_line_size = 2097152, hive_partitioning = false
    );

-- Why a field is refused whose value has to be text, by its JSON.
create temp macro refusal(given) as
    case
        when coalesce(given, 'null') = 'null' then 'missing_field'
        when given not like '"%' then 'wrong_type'
        else 'invalid_value'
    end;

-- The same of a text that may be left out; NULL where nothing is wrong.
create temp macro text_refusal(given, value) as
    case
        when coalesce(given, 'null') = 'null' or length(value) <= 4096 then null
        else refusal(given)
    end;

-- An amount of money: a number that a double holds exactly, or a text without sign or exponent.
create temp macro amount_of(given) as
    case
        when regexp_matches(given, '^"[0-9]{1,14}([.][0-9]{1,4})?"$')
            then try_cast(given ->> '$' as decimal(18, 4))
        when regexp_matches(given, '^[-0-9]')
            and try_cast(given as decimal(18, 4))::double = try_cast(given as double)
            then try_cast(given as decimal(18, 4))
    end;

-- The reader parses each line once, straight into the fields. They stay JSON where the type they were
-- sent with decides: an order_id of 17 is not one of "17".
create temp table judged as
with

events as (

    select
        event_id,
        event_type,
        event_ts,
        source,
        received_at,
        message_id,
        replayed_from,
        coalesce(payload.specversion like '"%', false) as is_cloudevent,
        if(is_cloudevent, payload.id, payload.event_id) as given_event_id,
        if(is_cloudevent, payload."time", payload.event_ts) as given_event_ts,
        if(is_cloudevent, payload.data.order_id, payload.order_id) as given_order_id,
        if(is_cloudevent, payload.data.customer_id, payload.customer_id) as given_customer_id,
        if(is_cloudevent, payload.data.amount, payload.amount) as given_amount,
        if(is_cloudevent, payload.data.currency_code, payload.currency_code) as given_currency_code,
        if(is_cloudevent, payload.data.status, payload.status) as given_status,
        if(is_cloudevent, payload.data.channel, payload.channel) as given_channel,
        if(is_cloudevent, payload.data.city, payload.city) as given_city,
        if(is_cloudevent, payload.data.is_test, payload.is_test) as given_is_test,
        if(is_cloudevent, payload.data.items, payload.items) as given_items,
        if(is_cloudevent, payload.data.refund_id, payload.refund_id) as given_refund_id,
        if(is_cloudevent, payload.data.reason, payload.reason) as given_reason
    from read_json(
        getvariable('raw') || '/events/event_type=order_*/*/*/*.ndjson.gz',
        format = 'newline_delimited',
        hive_partitioning = false,
        columns = {
            event_id: 'varchar',
            event_type: 'varchar',
            event_ts: 'varchar',
            source: 'varchar',
            received_at: 'timestamp',
            message_id: 'varchar',
            replayed_from: 'varchar',
            payload: 'struct(
                specversion json, id json, "time" json, event_id json, event_ts json,
                order_id json, customer_id json, amount json, currency_code json, status json,
                channel json, city json, is_test json, items json, refund_id json, reason json,
                data struct(
                    order_id json, customer_id json, amount json, currency_code json, status json,
                    channel json, city json, is_test json, items json, refund_id json,
                    reason json
                )
            )'
        }
    )

),

typed as (

    select
        *,
        if(given_order_id like '"%', given_order_id ->> '$', null) as order_id,
        if(given_customer_id like '"%', given_customer_id ->> '$', null) as customer_id,
        if(given_status like '"%', given_status ->> '$', null) as status,
        if(given_currency_code like '"%', given_currency_code ->> '$', null) as currency_code,
        if(given_channel like '"%', given_channel ->> '$', null) as channel,
        if(given_city like '"%', given_city ->> '$', null) as city,
        if(given_refund_id like '"%', given_refund_id ->> '$', null) as refund_id,
        if(given_reason like '"%', given_reason ->> '$', null) as reason,
        try_cast(if(given_is_test in ('true', 'false'), given_is_test, null) as boolean) as is_test,
        amount_of(given_amount) as amount,
        -- An offset is required: the reader of timestamps would take none for UTC.
        case
            when regexp_matches(
                event_ts,
                '^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$'
            )
                then try_cast(event_ts as timestamptz)::timestamp
        end as event_at
    from events

)

select
    source,
    event_id,
    event_type,
    order_id,
    if(event_type = 'order_created', customer_id, null) as customer_id,
    if(event_type = 'order_status_changed', status, null) as status,
    if(event_type <> 'order_status_changed', amount, null) as amount,
    if(event_type <> 'order_status_changed', coalesce(currency_code, 'USD'), null) as currency_code,
    if(event_type = 'order_created', channel, null) as channel,
    if(event_type = 'order_created', city, null) as city,
    if(event_type = 'order_created', is_test, null) as is_test,
    -- As they were sent: their fields are not judged.
    if(event_type = 'order_created', given_items::varchar, null) as items,
    if(event_type = 'order_refunded', refund_id, null) as refund_id,
    if(event_type = 'order_refunded', reason, null) as reason,
    event_at,
    received_at,
    message_id,
    replayed_from,
    case
        when coalesce(given_event_id, 'null') <> 'null' and given_event_id not like '"%'
            then 'wrong_type'
        when not is_identifier(event_id) then 'invalid_value'
        when regexp_matches(given_event_ts, '^"?[0-9.]+"?$') then 'event_ts_is_number'
        when event_at is null and regexp_matches(event_ts, '^[0-9-]+T[0-9:.]+$')
            then 'event_ts_without_offset'
        when event_at is null or given_event_ts not like '"%' then refusal(given_event_ts)
        when event_at > received_at + interval 24 hour then 'event_ts_in_future'
        when event_at < timestamp '2000-01-01' then 'event_ts_too_old'
        when event_type = 'order_refunded' and not is_identifier(refund_id)
            then refusal(given_refund_id)
        when not is_identifier(order_id) then refusal(given_order_id)
        when event_type = 'order_status_changed' then
            if(
                coalesce(status in ('SHIPPED', 'DELIVERED', 'CANCELLED'), false),
                null,
                refusal(given_status)
            )
        when event_type = 'order_created' and not is_identifier(customer_id)
            then refusal(given_customer_id)
        when amount is null and regexp_matches(given_amount, '^[-0-9]') then 'invalid_value'
        when amount is null then refusal(given_amount)
        when amount < 0 then 'invalid_value'
        when
            coalesce(given_currency_code, 'null') <> 'null'
            and not coalesce(regexp_matches(currency_code, '^[A-Z]{3}$'), false)
            then refusal(given_currency_code)
        when event_type = 'order_refunded' then text_refusal(given_reason, reason)
        when text_refusal(given_channel, channel) is not null
            then text_refusal(given_channel, channel)
        when text_refusal(given_city, city) is not null then text_refusal(given_city, city)
        when coalesce(given_is_test, 'null') <> 'null' and is_test is null then 'wrong_type'
    end as reject_reason
from typed;

create table retailpulse_silver.orders_events as
select
    * exclude (reject_reason),
    event_at::date as event_utc_date
from judged
where reject_reason is null
qualify row_number() over (partition by source, event_id order by received_at, message_id) = 1;

create table retailpulse_silver.quarantined_events as
with

rejected as (

    select
        received_at,
        message_id,
        reject_reason
    from judged
    where reject_reason is not null

    union all

    -- A second body with the id of an accepted event that says something else.
    select
        judged.received_at,
        judged.message_id,
        'conflicting_duplicate'
    from judged
    inner join retailpulse_silver.orders_events as accepted using (source, event_id)
    where
        judged.reject_reason is null
        and judged.message_id <> accepted.message_id
        and (
            judged.event_type is distinct from accepted.event_type
            or judged.event_at is distinct from accepted.event_at
            or judged.order_id is distinct from accepted.order_id
            or judged.customer_id is distinct from accepted.customer_id
            or judged.status is distinct from accepted.status
            or judged.amount is distinct from accepted.amount
            or judged.currency_code is distinct from accepted.currency_code
            or judged.channel is distinct from accepted.channel
            or judged.city is distinct from accepted.city
            or judged.is_test is distinct from accepted.is_test
            or judged.items is distinct from accepted.items
            or judged.refund_id is distinct from accepted.refund_id
            or judged.reason is distinct from accepted.reason
        )

)

select
    lines.line,
    rejected.received_at,
    lines.message_id,
    rejected.reject_reason
from lines('event_type=order_*') as lines
inner join rejected using (message_id)
where (lines.line ->> '$.received_at')[:-2]::timestamp = rejected.received_at

union all

select
    line,
    (line ->> '$.received_at')[:-2]::timestamp,
    message_id,
    case
        when (line ->> '$.payload_encoding') = 'text' then 'malformed_payload'
        when (line ->> '$.payload_encoding') = 'base64' then 'undecodable_payload'
        when (line -> '$.payload.oversized_bytes') is not null then 'oversized_payload'
        when (line ->> '$.event_name') is null then 'missing_field'
        when
            json_type(
                line,
                if(
                    json_type(line, '$.payload.specversion') = 'VARCHAR',
                    '$.payload.type',
                    '$.payload.event_type'
                )
            ) not in ('VARCHAR', 'NULL')
            then 'wrong_type'
        else 'unknown_event_type'
    end
from lines('event_type=unknown');

create table retailpulse_silver.orders as
with

creations as (

    select *
    from retailpulse_silver.orders_events
    where event_type = 'order_created'
    qualify row_number() over (
        partition by order_id order by event_at desc, event_id desc, source desc
    ) = 1

),

-- The life cycle decides before the time.
statuses as (

    select
        order_id,
        status,
        event_at as status_at
    from retailpulse_silver.orders_events
    where event_type = 'order_status_changed'
    qualify row_number() over (
        partition by order_id
        order by
            case status when 'SHIPPED' then 1 when 'DELIVERED' then 2 when 'CANCELLED' then 3 end
                desc,
            event_at desc,
            event_id desc,
            source desc
    ) = 1

),

moments as (

    select
        order_id,
        min(event_at) filter (event_type = 'order_created') as ordered_at,
        min(event_at) filter (status = 'SHIPPED') as shipped_at,
        min(event_at) filter (status = 'DELIVERED') as delivered_at,
        min(event_at) filter (status = 'CANCELLED') as cancelled_at
    from retailpulse_silver.orders_events
    group by order_id

)

select
    order_id,
    creations.source,
    creations.customer_id,
    coalesce(statuses.status, 'CREATED') as status,
    creations.amount as order_amount,
    creations.currency_code,
    creations.channel,
    creations.city,
    coalesce(creations.is_test, false) as is_test,
    creations.items,
    moments.ordered_at::date as event_date,
    moments.ordered_at,
    moments.shipped_at,
    moments.delivered_at,
    moments.cancelled_at,
    coalesce(statuses.status_at, moments.ordered_at) as status_at
from creations
inner join moments using (order_id)
left join statuses using (order_id);

create view retailpulse.fact_orders as
select * exclude (is_test, items)
from retailpulse_silver.orders
where not is_test;

create table retailpulse_silver.refunds as
select
    refund_id,
    order_id,
    source,
    amount as refund_amount,
    currency_code,
    reason,
    min(event_at) over (partition by refund_id)::date as event_date,
    min(event_at) over (partition by refund_id) as refunded_at
from retailpulse_silver.orders_events
where event_type = 'order_refunded'
qualify row_number() over (
    partition by refund_id order by event_at desc, event_id desc, source desc
) = 1;

create view retailpulse.fact_refunds as
select * from retailpulse_silver.refunds;

create view retailpulse.agg_daily_revenue as
with

-- Of a cancelled order all is taken off already; a test order is in no mart.
movements as (

    select
        event_date,
        currency_code,
        1 as order_count,
        order_amount as gross,
        if(status = 'CANCELLED', order_amount, 0) as cancelled,
        0 as refunded
    from retailpulse.fact_orders

    union all

    select
        refunds.event_date,
        refunds.currency_code,
        0,
        0,
        0,
        refunds.refund_amount
    from retailpulse.fact_refunds as refunds
    left join retailpulse_silver.orders as orders using (order_id)
    where
        coalesce(orders.status, '') <> 'CANCELLED'
        and not coalesce(orders.is_test, false)

)

select
    event_date,
    currency_code,
    sum(order_count)::bigint as order_count,
    sum(gross)::decimal(38, 4) as gross_revenue,
    sum(cancelled)::decimal(38, 4) as cancelled_revenue,
    sum(refunded)::decimal(38, 4) as refunded_revenue,
    (sum(gross) - sum(cancelled) - sum(refunded))::decimal(38, 4) as daily_revenue,
    round(gross_revenue / nullif(sum(order_count), 0), 4)::decimal(18, 4) as average_order_value
from movements
group by event_date, currency_code;

create view retailpulse.agg_order_status as
select
    status,
    currency_code,
    count(*) as order_count,
    sum(order_amount) as order_amount,
    min(status_at) as oldest_status_at
from retailpulse.fact_orders
group by status, currency_code;
