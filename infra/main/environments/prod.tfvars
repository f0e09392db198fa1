environment = "prod"
first_day   = "2026-01-01"
