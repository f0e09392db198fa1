{{ quarantined_lines('orders') }}
