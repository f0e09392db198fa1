data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

resource "aws_sns_topic" "alerts" {
  # checkov:skip=CKV_AWS_26:Alarms cannot publish to a topic under the key that AWS manages; a key of our own costs USD 1 a month and a grant for each publisher, for messages that end in mailboxes as plain text
  name         = "${var.name}-alerts"
  display_name = "RetailPulse alerts"
}

resource "aws_sns_topic_policy" "alerts" {
  arn    = aws_sns_topic.alerts.arn
  policy = data.aws_iam_policy_document.alerts.json
}

# The state machine publishes as its own role, whose policy allows it: in one account that is
# enough, and no statement here is needed.
data "aws_iam_policy_document" "alerts" {
  statement {
    sid       = "PublishByAlarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      # Each alarm of this module, all of which have the prefix.
      values = ["${local.alarm_arn_prefix}:${var.name}-*"]
    }
  }

  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts.arn]

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

resource "aws_sns_topic_subscription" "email" {
  for_each = var.alert_emails

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = each.value
}

locals {
  alarm_arn_prefix = join(":", [
    "arn", data.aws_partition.this.partition, "cloudwatch", data.aws_region.this.name,
    data.aws_caller_identity.this.account_id, "alarm",
  ])
}
