# Lambda and Fargate measure how much memory is used and tell it in the log alone; their metrics of it
# (Lambda Insights, Container Insights) are billed by the metric, ten and more of each. A filter makes
# one metric of the log.
resource "aws_cloudwatch_log_metric_filter" "memory" {
  for_each = {
    # A line of Lambda's for each invocation, `platform.report`, in its JSON format
    # (docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html).
    ingester = {
      log_group = var.function.log_group_name
      pattern   = "{ $.record.metrics.maxMemoryUsedMB > 0 }"
      value     = "$.record.metrics.maxMemoryUsedMB"
      metric    = "IngesterMemoryUsed"
    }
    # A line of the container's for each command of dbt (retailpulse/cloud/scheduled/dbt_process.py).
    dbt = {
      log_group = var.task.log_group_name
      pattern   = "{ $.dbt_memory_mib > 0 }"
      value     = "$.dbt_memory_mib"
      metric    = "DbtMemoryUsed"
    }
  }

  name           = "${var.name}-${each.key}-memory"
  log_group_name = each.value.log_group
  pattern        = each.value.pattern

  metric_transformation {
    namespace = "RetailPulse"
    name      = each.value.metric
    value     = each.value.value
    unit      = "Megabytes"
  }
}
