environment   = "dev"
first_day     = "2026-01-01"
force_destroy = true
