resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name        = "${local.name}-${each.key}"
  alarm_description = "${each.value.meaning} Runbook: ${var.runbooks_url}/${each.value.runbook}"

  namespace           = each.value.namespace
  metric_name         = each.value.metric_name
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = each.value.evaluation_periods
  comparison_operator = each.value.comparison_operator
  threshold           = each.value.threshold
  treat_missing_data  = each.value.treat_missing_data

  alarm_actions = [var.alerts_topic_arn]
}

locals {
  # Each alarm is this with its own members in place of these.
  any_at_all = {
    namespace           = "RetailPulse"
    dimensions          = { Source = var.source_name }
    statistic           = "Sum"
    evaluation_periods  = 1
    comparison_operator = "GreaterThanThreshold"
    threshold           = 0
    treat_missing_data  = "notBreaching"
  }

  alarms = merge(
    {
      failed = merge(local.any_at_all, {
        meaning     = "A pull of ${var.source_name} has failed: none of its tables, or not all of them, could be read."
        runbook     = "pull-failed.md"
        namespace   = "AWS/States"
        metric_name = "ExecutionsFailed"
        dimensions  = { StateMachineArn = aws_sfn_state_machine.this.arn }
      })
      refused = merge(local.any_at_all, {
        meaning     = "A table of ${var.source_name} is refused: it is not pulled until somebody does what its line in the log says. The others go on."
        runbook     = "pull-refused.md"
        metric_name = aws_cloudwatch_log_metric_filter.this["refused"].metric_transformation[0].name
        statistic   = "Maximum"
        # Between two pulls it is as the last one found it.
        treat_missing_data = "ignore"
      })
    },
    # Nobody waits for pulls that no schedule starts.
    var.schedule_enabled ? {
      stale = merge(local.any_at_all, {
        meaning             = "No pull of ${var.source_name} has succeeded for ${var.stale_minutes} minutes, and its tables are as old in raw."
        runbook             = "pull-stale.md"
        metric_name         = "PullsSucceeded"
        evaluation_periods  = var.stale_minutes / 5
        comparison_operator = "LessThanThreshold"
        threshold           = 1
        treat_missing_data  = "breaching"
      })
    } : {},
    # A slot that nobody reads keeps the log until max_slot_wal_keep_size, and is lost then.
    var.mode == "log" ? {
      slot = merge(local.any_at_all, {
        meaning     = "The server keeps more than ${var.slot_bytes} bytes of its log for ${var.source_name}."
        runbook     = "pull-slot.md"
        metric_name = aws_cloudwatch_log_metric_filter.this["slot"].metric_transformation[0].name
        statistic   = "Maximum"
        threshold   = var.slot_bytes
        # Between two pulls it is as the last one found it.
        treat_missing_data = "ignore"
      })
    } : {},
  )
}
