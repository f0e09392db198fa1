data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  queue_names = {
    ingestion              = "${var.name}-ingestion"
    ingestion_dead_letters = "${var.name}-ingestion-dead-letters"
    rule_dead_letters      = "${var.name}-rule-dead-letters"
    refused_calls          = "${var.name}-refused-calls"
  }

  # Made of names, since a queue and its dead-letter queue name each other, and a policy its queue.
  queue_arns = {
    for kind, name in local.queue_names : kind => join(":", [
      "arn", data.aws_partition.this.partition, "sqs", data.aws_region.this.name,
      data.aws_caller_identity.this.account_id, name,
    ])
  }
}

resource "aws_sqs_queue" "ingestion" {
  name                       = local.queue_names.ingestion
  visibility_timeout_seconds = var.queue_settings.visibility_timeout_seconds
  message_retention_seconds  = var.queue_settings.message_retention_seconds
  sqs_managed_sse_enabled    = true
  policy                     = data.aws_iam_policy_document.queue["ingestion"].json

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.ingestion_dead_letters.arn
    maxReceiveCount     = var.queue_settings.maximum_receive_count
  })
}

resource "aws_sqs_queue" "ingestion_dead_letters" {
  name = local.queue_names.ingestion_dead_letters
  # A dead letter keeps the time at which it was first sent, and expires by it.
  message_retention_seconds = var.queue_settings.message_retention_seconds
  sqs_managed_sse_enabled   = true
  policy                    = data.aws_iam_policy_document.queue["ingestion_dead_letters"].json
  redrive_allow_policy      = local.home
}

resource "aws_sqs_queue" "rule_dead_letters" {
  name                      = local.queue_names.rule_dead_letters
  message_retention_seconds = var.queue_settings.message_retention_seconds
  sqs_managed_sse_enabled   = true
  policy                    = data.aws_iam_policy_document.queue["rule_dead_letters"].json
  redrive_allow_policy      = local.home
}

# What the function was called with and does not understand. It is nobody's dead-letter queue, and
# `retailpulse redrive` takes nothing from it: Lambda's record around a call is no event.
resource "aws_sqs_queue" "refused_calls" {
  name                      = local.queue_names.refused_calls
  message_retention_seconds = var.queue_settings.message_retention_seconds
  sqs_managed_sse_enabled   = true
  policy                    = data.aws_iam_policy_document.queue["refused_calls"].json
}

locals {
  # Where `retailpulse redrive` brings the messages of a dead-letter queue. The rule's hold events
  # that were meant for the very same queue.
  home = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arns.ingestion]
  })
}

data "aws_iam_policy_document" "queue" {
  for_each = local.queue_names

  # SQS itself moves messages to the ingestion queue's dead letters, and asks no policy; Lambda sends
  # refused calls as the function's role.
  dynamic "statement" {
    for_each = contains(["ingestion", "rule_dead_letters"], each.key) ? [each.key] : []

    content {
      sid       = "SendByTheRule"
      actions   = ["sqs:SendMessage"]
      resources = [local.queue_arns[each.key]]

      principals {
        type        = "Service"
        identifiers = ["events.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [aws_cloudwatch_event_rule.every_event.arn]
      }
    }
  }

  dynamic "statement" {
    for_each = each.key == "ingestion" && length(var.producer_account_ids) > 0 ? [local.producers] : []

    content {
      sid       = "SendByProducers"
      actions   = ["sqs:SendMessage"]
      resources = [local.queue_arns[each.key]]

      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }

  statement {
    sid    = "DenyWithoutTls"
    effect = "Deny"
    # A refusal: whatever is asked without TLS.
    actions   = ["sqs:*"]
    resources = [local.queue_arns[each.key]]

    principals {
      type = "AWS"
      # A refusal: whoever asks.
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
