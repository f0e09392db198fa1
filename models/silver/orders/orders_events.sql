{{ accepted_events('orders') }}
