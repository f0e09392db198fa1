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
  policy = data.aws_iam_policy_document.topic["alerts"].json
}

# Who may publish to the topics, by topic. The state machine does as its own role, whose policy allows
# it: in one account that is enough, and no statement here is needed.
data "aws_iam_policy_document" "topic" {
  for_each = merge(
    { alerts = aws_sns_topic.alerts.arn },
    { for arn in aws_sns_topic.chat[*].arn : "chat" => arn },
  )

  dynamic "statement" {
    for_each = local.publishers

    content {
      sid       = "PublishBy${statement.key}"
      actions   = ["sns:Publish"]
      resources = [each.value]

      principals {
        type        = "Service"
        identifiers = [statement.value.service]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [data.aws_caller_identity.this.account_id]
      }

      condition {
        test     = "ArnLike"
        variable = "aws:SourceArn"
        values   = [statement.value.source]
      }
    }
  }

  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [each.value]

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
  account = data.aws_caller_identity.this.account_id
  arn     = "arn:${data.aws_partition.this.partition}"

  publishers = {
    # Each alarm of this module, all of which have the prefix.
    Alarms    = { service = "cloudwatch.amazonaws.com", source = "${local.arn}:cloudwatch:${data.aws_region.this.name}:${local.account}:alarm:${var.name}-*" }
    Recovered = { service = "events.amazonaws.com", source = aws_cloudwatch_event_rule.recovered.arn }
    # docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
    Budgets = { service = "budgets.amazonaws.com", source = "${local.arn}:budgets::${local.account}:*" }
  }
}
