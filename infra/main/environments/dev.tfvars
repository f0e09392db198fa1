environment   = "dev"
force_destroy = true

# Nobody waits for dev's gold, and an idle month of runs every five minutes is most of its bill
# (benchmarks/cloud-cost.md, "A month without events"). `retailpulse cloud run dev fast` starts one now.
schedules        = { fast = "rate(60 minutes)", hourly = "cron(7 2 * * ? *)" }
alarm_thresholds = { gold_stale_minutes = 180 }
