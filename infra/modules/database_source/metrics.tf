# What the puller's lines tell (retailpulse/cloud/scheduled/pull_lines.py), as metrics: USD 0.30 each a
# month.
locals {
  metrics = merge({
    refused = {
      name       = "TablesRefused"
      pattern    = "{ $.event = \"source_pulled\" }"
      value      = "$.refused"
      unit       = "Count"
      dimensions = { Source = "$.source" }
    }
    rows = {
      name       = "RowsPulled"
      pattern    = "{ $.event = \"source_pulled\" }"
      value      = "$.rows"
      unit       = "Count"
      dimensions = { Source = "$.source" }
    }
    # Of each table: how long the pull before was ago, or, where it is not pulled, how long it has been.
    lag = {
      name       = "PullLag"
      pattern    = "{ $.lag_seconds >= 0 }"
      value      = "$.lag_seconds"
      unit       = "Seconds"
      dimensions = { Source = "$.source", Table = "$.table" }
    }
    }, var.mode == "log" ? {
    # How much of its log the server keeps for the source.
    slot = {
      name       = "SlotBytes"
      pattern    = "{ $.slot_bytes >= 0 }"
      value      = "$.slot_bytes"
      unit       = "Bytes"
      dimensions = { Source = "$.source" }
    }
  } : {})
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.metrics

  name           = "${local.name}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = each.value.pattern

  metric_transformation {
    namespace  = "RetailPulse"
    name       = each.value.name
    value      = each.value.value
    unit       = each.value.unit
    dimensions = each.value.dimensions
  }
}
