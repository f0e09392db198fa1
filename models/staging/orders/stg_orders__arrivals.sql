{{ judged_arrivals('orders') }}
