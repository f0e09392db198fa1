resource "aws_cloudwatch_event_bus" "this" {
  name        = "${var.name}-bus"
  description = "Business events on their way to the raw zone"
}

resource "aws_cloudwatch_event_archive" "this" {
  name             = "${var.name}-events"
  description      = "Every event of the bus, for a replay"
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  retention_days   = var.archive_retention_days
}

resource "aws_cloudwatch_event_rule" "every_event" {
  name           = "${var.name}-every-event"
  description    = "Every event of the bus to the ingestion queue"
  event_bus_name = aws_cloudwatch_event_bus.this.name

  # Every event has a source. A replayed one has `replay-name` as well, which this does not look
  # at: it comes in like any other, and silver counts it once.
  event_pattern = jsonencode({ source = [{ prefix = "" }] })
}

resource "aws_cloudwatch_event_target" "queue" {
  rule           = aws_cloudwatch_event_rule.every_event.name
  event_bus_name = aws_cloudwatch_event_bus.this.name
  target_id      = "ingestion-queue"
  arn            = aws_sqs_queue.ingestion.arn

  # The longest that EventBridge takes.
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.rule_dead_letters.arn
  }
}

# Other accounts' producers. Within this account a policy of their own is enough.
resource "aws_cloudwatch_event_bus_policy" "producers" {
  count = length(var.producer_account_ids) > 0 ? 1 : 0

  event_bus_name = aws_cloudwatch_event_bus.this.name
  policy         = data.aws_iam_policy_document.producers.json
}

locals {
  producers = [
    for account in sort(var.producer_account_ids) : "arn:${data.aws_partition.this.partition}:iam::${account}:root"
  ]
}

# docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-example-policy-cross-account.html
data "aws_iam_policy_document" "producers" {
  statement {
    sid       = "SendByProducers"
    actions   = ["events:PutEvents"]
    resources = [aws_cloudwatch_event_bus.this.arn]

    principals {
      type        = "AWS"
      identifiers = local.producers
    }
  }
}
