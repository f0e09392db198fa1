resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name        = "${local.function_name}-${each.key}"
  alarm_description = "${each.value.meaning} Runbook: ${var.runbooks_url}/${each.value.runbook}"

  namespace           = each.value.namespace
  metric_name         = each.value.metric_name
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = each.value.evaluation_periods
  datapoints_to_alarm = each.value.datapoints
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"

  alarm_actions = [var.alerts_topic_arn]
}

locals {
  alarms = {
    dead-letters = {
      meaning     = "A file could not be landed in ${var.maximum_receive_count} attempts, or a message of its queue is none."
      runbook     = "files-dead-letters.md"
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = aws_sqs_queue.dead_letters.name }
      statistic   = "Maximum"
      threshold   = 0

      evaluation_periods = 1
      datapoints         = 1
    }
    # An attempt that fails is followed by one half an hour later.
    failed = {
      meaning     = "Attempts to land dropped files fail, at least two within an hour."
      runbook     = "files-delay.md"
      namespace   = "RetailPulse"
      metric_name = "FileMessagesFailed"
      dimensions  = { service = "file_drops" }
      statistic   = "Sum"
      threshold   = 0

      evaluation_periods = 12
      datapoints         = 2
    }
    rejected = {
      meaning     = "A dropped file cannot be read, and nothing, or not all of it, has landed: its report says why."
      runbook     = "files-rejected.md"
      namespace   = "RetailPulse"
      metric_name = "FilesRejected"
      dimensions  = { service = "file_drops" }
      statistic   = "Sum"
      threshold   = 0

      evaluation_periods = 1
      datapoints         = 1
    }
    delay = {
      meaning     = "A dropped file has waited for more than ${var.oldest_message_seconds} seconds."
      runbook     = "files-delay.md"
      namespace   = "AWS/SQS"
      metric_name = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = aws_sqs_queue.drops.name }
      statistic   = "Maximum"
      threshold   = var.oldest_message_seconds

      evaluation_periods = 1
      datapoints         = 1
    }
  }
}
