# Alerts in a Slack channel, by Amazon Q Developer in chat applications (once AWS Chatbot). It shows
# what AWS sends to the topic of alerts, alarms and budgets, and leaves out plain text, as the state
# machine's mail of a failed run is. A topic of its own has what stands for that: the alarm
# `run-failed`, which tells nobody else, and the end of each alarm.

resource "aws_sns_topic" "chat" {
  # checkov:skip=CKV_AWS_26:As for the alerts' own topic
  count = var.slack_channel == null ? 0 : 1

  name         = "${var.name}-chat"
  display_name = "RetailPulse, for a chat"
}

resource "aws_sns_topic_policy" "chat" {
  count = length(aws_sns_topic.chat)

  arn    = aws_sns_topic.chat[count.index].arn
  policy = data.aws_iam_policy_document.topic["chat"].json
}

resource "aws_chatbot_slack_channel_configuration" "this" {
  count = length(aws_sns_topic.chat)

  configuration_name = "${var.name}-alerts"
  iam_role_arn       = aws_iam_role.chat[count.index].arn
  slack_team_id      = var.slack_channel.workspace_id
  slack_channel_id   = var.slack_channel.channel_id
  sns_topic_arns     = [aws_sns_topic_policy.alerts.arn, aws_sns_topic_policy.chat[count.index].arn]
  # Without any, whoever is in the channel would be an administrator as far as the role allows it.
  guardrail_policy_arns = ["arn:${data.aws_partition.this.partition}:iam::aws:policy/AWSDenyAll"]
}

# It has no policy: showing what comes needs no right, and nobody is to ask AWS from the channel.
resource "aws_iam_role" "chat" {
  count = length(aws_sns_topic.chat)

  name                 = "${var.name}-chat"
  description          = "Shows alerts in a Slack channel, and may do nothing"
  assume_role_policy   = data.aws_iam_policy_document.assumed_by_chat.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "assumed_by_chat" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["chatbot.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}
