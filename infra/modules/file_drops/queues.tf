locals {
  queue_names = {
    drops        = "${var.name}-file-drops"
    dead_letters = "${var.name}-file-drops-dead-letters"
  }

  # Made of names, since a queue and its dead letters name each other, and a policy its queue.
  queue_arns = {
    for kind, name in local.queue_names : kind => join(":", [
      "arn", data.aws_partition.this.partition, "sqs", data.aws_region.this.name,
      data.aws_caller_identity.this.account_id, name,
    ])
  }

  # Six of the function's time, as AWS advises
  # (docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html): a shorter one hands a message out
  # again while a throttled function still has it.
  visibility_timeout_seconds = 6 * var.timeout_seconds
}

resource "aws_sqs_queue" "drops" {
  name                       = local.queue_names.drops
  visibility_timeout_seconds = local.visibility_timeout_seconds
  message_retention_seconds  = var.message_retention_seconds
  sqs_managed_sse_enabled    = true
  policy                     = data.aws_iam_policy_document.queue["drops"].json

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = var.maximum_receive_count
  })
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = local.queue_names.dead_letters
  message_retention_seconds = var.message_retention_seconds
  sqs_managed_sse_enabled   = true
  policy                    = data.aws_iam_policy_document.queue["dead_letters"].json

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arns.drops]
  })
}

data "aws_iam_policy_document" "queue" {
  for_each = local.queue_names

  dynamic "statement" {
    for_each = each.key == "drops" ? [each.key] : []

    content {
      sid       = "NotifyByTheBucket"
      actions   = ["sqs:SendMessage"]
      resources = [local.queue_arns[each.key]]

      principals {
        type        = "Service"
        identifiers = ["s3.amazonaws.com"]
      }

      # docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [aws_s3_bucket.drops.arn]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [data.aws_caller_identity.this.account_id]
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
