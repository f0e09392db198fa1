# A metric that counts what goes wrong has no data while nothing does, and a queue has none once it
# has been empty and unused for six hours: missing data is as good as 0, unless an alarm says
# otherwise. An alarm that tells nobody is for the dashboard and the chat: somebody has been told
# already. That one is over is told by recovered.tf.
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

  alarm_actions = each.value.tells ? [aws_sns_topic.alerts.arn] : aws_sns_topic.chat[*].arn
}

# Executions that failed and of whose failure the state machine told nobody, which counts those it
# did. Both are counted within the second, and CloudWatch adds up by the minute: once in a while a
# minute ends between the two, and somebody is told twice.
resource "aws_cloudwatch_metric_alarm" "untold" {
  alarm_name        = "${var.name}-untold-failure"
  alarm_description = "An execution of the state machine that runs dbt failed and could tell nobody. Runbook: ${var.runbooks_url}/failed-runs.md"

  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = 0
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "untold"
    expression  = "FILL(failed, 0) - FILL(told, 0)"
    label       = "Failures that nobody was told of"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = {
      failed = { namespace = "AWS/States", metric_name = "ExecutionsFailed", dimensions = { StateMachineArn = var.state_machine_arn } }
      told   = { namespace = "RetailPulse", metric_name = "RunsFailed", dimensions = {} }
    }

    content {
      id          = metric_query.key
      return_data = false

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric_name
        dimensions  = metric_query.value.dimensions
        period      = 300
        stat        = "Sum"
      }
    }
  }

  alarm_actions = [aws_sns_topic.alerts.arn]
}

locals {
  made = merge(aws_cloudwatch_metric_alarm.this, { untold-failure = aws_cloudwatch_metric_alarm.untold })

  # Each alarm is one of these with its own members in place of theirs.
  any_at_all = {
    statistic           = "Sum"
    period              = 300
    evaluation_periods  = 1
    comparison_operator = "GreaterThanThreshold"
    threshold           = 0
    treat_missing_data  = "notBreaching"
    tells               = true
  }
  highest = merge(local.any_at_all, { statistic = "Maximum", period = 60 })

  alarms = merge(
    local.dead_letters,
    local.delivery,
    local.ingestion,
    local.refused_calls,
    local.runs,
    local.gold,
    local.bytes_scanned,
    local.limits,
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
      meaning     = "The ingester crashed, ran out of time, or was called with something that is no batch of its queue; messages of its queue are delivered again."
      runbook     = "ingestion-errors.md"
      namespace   = "AWS/Lambda"
      metric_name = "Errors"
      dimensions  = { FunctionName = var.function.name }
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
      dimensions         = { FunctionName = var.function.name }
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

  refused_calls = {
    refused-calls = merge(local.highest, {
      meaning     = "Something other than its queue has called the ingester, which stored nothing of it: the calls lie in the queue ${var.refused_calls_queue_name}."
      runbook     = "refused-calls.md"
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = var.refused_calls_queue_name }
    })
    lost-calls = merge(local.any_at_all, {
      meaning     = "Lambda could not put a call that the ingester refused into the queue ${var.refused_calls_queue_name}: only its sender has it."
      runbook     = "refused-calls.md"
      namespace   = "AWS/Lambda"
      metric_name = "DestinationDeliveryFailures"
      dimensions  = { FunctionName = var.function.name }
    })
  }

  runs = {
    run-failed = merge(local.any_at_all, {
      meaning     = "A dbt run failed; the state machine has told which and why."
      runbook     = "failed-runs.md"
      namespace   = "RetailPulse"
      metric_name = "RunsFailed"
      dimensions  = {}
      tells       = false
    })
    # Executions have no time limit as a whole, so that none ends as timed out.
    execution-aborted = merge(local.any_at_all, {
      meaning     = "Somebody aborted an execution of the state machine that runs dbt, which then tells nothing itself."
      runbook     = "failed-runs.md"
      namespace   = "AWS/States"
      metric_name = "ExecutionsAborted"
      dimensions  = { StateMachineArn = var.state_machine_arn }
    })
  }

  # No data is no run at all: after the first deployment too, until the first run has succeeded. In
  # periods of five minutes: CloudWatch looks a few periods further back for data before it calls any
  # missing (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html), which
  # would be hours if a period were as long as gold may be old.
  gold = var.thresholds.gold_stale_minutes == null ? {} : {
    gold-stale = merge(local.any_at_all, {
      meaning             = "No fast dbt run has succeeded for ${var.thresholds.gold_stale_minutes} minutes, and gold is as old."
      runbook             = "gold-stale.md"
      namespace           = "RetailPulse"
      metric_name         = "RunsSucceeded"
      dimensions          = { Run = "fast" }
      evaluation_periods  = var.thresholds.gold_stale_minutes / 5
      comparison_operator = "LessThanThreshold"
      threshold           = 1
      treat_missing_data  = "breaching"
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

  # What runs short, before it has run out.
  limits = {
    ingestion-slow = merge(local.any_at_all, {
      meaning            = "For 15 minutes a batch has taken the ingester more than ${local.share * 100} % of its timeout."
      runbook            = "ingestion-limits.md"
      namespace          = "AWS/Lambda"
      metric_name        = "Duration"
      dimensions         = { FunctionName = var.function.name }
      statistic          = "Maximum"
      threshold          = local.share * var.function.timeout_seconds * 1000
      evaluation_periods = 3
    })
    ingestion-memory = merge(local.any_at_all, {
      meaning     = "The ingester has used more than ${local.share * 100} % of its memory."
      runbook     = "ingestion-limits.md"
      namespace   = "RetailPulse"
      metric_name = aws_cloudwatch_log_metric_filter.memory["ingester"].metric_transformation[0].name
      dimensions  = {}
      statistic   = "Maximum"
      threshold   = local.share * var.function.memory_mb
    })
    dbt-memory = merge(local.any_at_all, {
      meaning     = "A dbt run has used more than ${local.share * 100} % of its container's memory."
      runbook     = "dbt-memory.md"
      namespace   = "RetailPulse"
      metric_name = aws_cloudwatch_log_metric_filter.memory["dbt"].metric_transformation[0].name
      dimensions  = {}
      statistic   = "Maximum"
      threshold   = local.share * var.task.memory_mb
    })
    # S3 counts once a day, and tells it up to a day later: in between the alarm stays as it is.
    lakehouse-size = merge(local.any_at_all, {
      meaning            = "The tables take more than ${format("%.0f", var.thresholds.lakehouse_bytes / 1e9)} GB."
      runbook            = "lakehouse-size.md"
      namespace          = "AWS/S3"
      metric_name        = "BucketSizeBytes"
      dimensions         = { BucketName = var.lakehouse_bucket_name, StorageType = "StandardStorage" }
      statistic          = "Maximum"
      period             = 86400
      threshold          = var.thresholds.lakehouse_bytes
      treat_missing_data = "ignore"
    })
  }

  share = 0.8
}
