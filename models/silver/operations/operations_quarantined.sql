{{ quarantined_lines('operations') }}
