# A metric that counts what goes wrong has no data while nothing does, and a queue has none once it
# has been empty and unused for six hours: missing data is as good as 0, unless an alarm says
# otherwise.
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name        = "${var.name}-${each.key}"
  alarm_description = "${each.value.meaning} Runbook: ${var.runbooks_url}/${each.value.runbook}"

  namespace           = each.value.namespace
  metric_name         = each.value.metric_name
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.evaluation_periods
  comparison_operator = each.value.comparison_operator
  threshold           = each.value.threshold
  treat_missing_data  = each.value.treat_missing_data

  alarm_actions = [aws_sns_topic.alerts.arn]
  ok_actions    = [aws_sns_topic.alerts.arn]
}

locals {
  # Each alarm is one of these with its own members in place of theirs.
  any_at_all = {
    statistic           = "Sum"
    period              = 300
    evaluation_periods  = 1
    comparison_operator = "GreaterThanThreshold"
    threshold           = 0
    treat_missing_data  = "notBreaching"
  }
  highest = merge(local.any_at_all, { statistic = "Maximum", period = 60 })

  alarms = merge(
    local.dead_letters,
    local.delivery,
    local.ingestion,
    local.runs,
    local.executions,
    local.gold,
    local.bytes_scanned,
  )

  dead_letters = {
    for kind, queue in var.dead_letter_queue_names : "${kind}-dead-letters" => merge(local.highest, {
      meaning     = "Events lie in the dead-letter queue ${queue} and are on their way to nowhere until they are sent home."
      runbook     = "dead-letters.md"
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = queue }
    })
  }

  delivery = {
    for alarm, delivery in {
      failed-deliveries = {
        metric_name = "FailedInvocations"
        meaning     = "The bus has given up handing events to the ingestion queue."
      }
      lost-deliveries = {
        metric_name = "InvocationsFailedToBeSentToDlq"
        meaning     = "The bus could hand events neither to the ingestion queue nor to the rule's dead-letter queue: only the archive has them."
      }
      } : alarm => merge(local.any_at_all, delivery, {
        runbook    = "failed-deliveries.md"
        namespace  = "AWS/Events"
        dimensions = { EventBusName = var.bus_name, RuleName = var.rule_name }
    })
  }

  ingestion = {
    ingestion-crashes = merge(local.any_at_all, {
      meaning     = "The ingester crashed or ran out of time; its messages are delivered again."
      runbook     = "ingestion-errors.md"
      namespace   = "AWS/Lambda"
      metric_name = "Errors"
      dimensions  = { FunctionName = var.function_name }
    })
    # A batch whose puts fail is an answer and no error of the function. And after three receives
    # SQS leaves a message out of the age of the oldest: neither metric shows an outage of storage.
    ingestion-errors = merge(local.any_at_all, {
      meaning     = "Events could not be written to the raw zone; they are delivered again, until they are dead letters."
      runbook     = "ingestion-errors.md"
      namespace   = "RetailPulse"
      metric_name = "EventsFailed"
      dimensions  = { service = "ingester" }
    })
    # A throttled batch is delivered again: only lasting throttling delays events.
    ingestion-throttles = merge(local.any_at_all, {
      meaning            = "For 15 minutes Lambda has refused to run the ingester as often as its queue asks."
      runbook            = "ingestion-throttles.md"
      namespace          = "AWS/Lambda"
      metric_name        = "Throttles"
      dimensions         = { FunctionName = var.function_name }
      evaluation_periods = 3
    })
    ingestion-delay = merge(local.highest, {
      meaning            = "Events have waited in the ingestion queue for more than ${var.thresholds.oldest_message_seconds} seconds."
      runbook            = "ingestion-delay.md"
      namespace          = "AWS/SQS"
      metric_name        = "ApproximateAgeOfOldestMessage"
      dimensions         = { QueueName = var.queue_name }
      threshold          = var.thresholds.oldest_message_seconds
      evaluation_periods = 3
    })
  }

  runs = {
    for run in ["fast", "hourly", "daily"] : "${run}-run-failed" => merge(local.any_at_all, {
      meaning     = "The ${run} dbt run failed."
      runbook     = "failed-runs.md"
      namespace   = "RetailPulse"
      metric_name = "RunsFailed"
      dimensions  = { Run = run }
    })
  }

  executions = {
    for outcome in ["Failed", "TimedOut", "Aborted"] : "execution-${lower(outcome)}" => merge(local.any_at_all, {
      meaning     = "An execution of the state machine that runs dbt ended as ${outcome}."
      runbook     = "failed-runs.md"
      namespace   = "AWS/States"
      metric_name = "Executions${outcome}"
      dimensions  = { StateMachineArn = var.state_machine_arn }
    })
  }

  gold = var.thresholds.gold_stale_minutes == null ? {} : {
    gold-stale = merge(local.any_at_all, {
      meaning             = "No fast dbt run has succeeded for ${var.thresholds.gold_stale_minutes} minutes, and gold is as old."
      runbook             = "gold-stale.md"
      namespace           = "RetailPulse"
      metric_name         = "RunsSucceeded"
      dimensions          = { Run = "fast" }
      period              = 60 * var.thresholds.gold_stale_minutes
      comparison_operator = "LessThanThreshold"
      threshold           = 1
      # No data is no run at all.
      treat_missing_data = "breaching"
    })
  }

  bytes_scanned = {
    for user, work_group in var.work_group_names : "${user}-bytes-scanned" => merge(local.any_at_all, {
      meaning     = "Statements of the Athena work group ${work_group} have read more than ${format("%.0f", var.thresholds.bytes_scanned_per_day[user] / 1e9)} GB in 24 hours."
      runbook     = "bytes-scanned.md"
      namespace   = "AWS/Athena"
      metric_name = "ProcessedBytes"
      dimensions  = { WorkGroup = work_group }
      period      = 86400
      threshold   = var.thresholds.bytes_scanned_per_day[user]
    })
  }
}
