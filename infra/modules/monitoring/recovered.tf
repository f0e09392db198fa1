# The end of an alarm. An alarm's own `ok_actions` do not tell it from its beginning: a new alarm goes
# from INSUFFICIENT_DATA to OK, and each would send a mail
# (github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2486). CloudWatch's event has
# the state before (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html).
resource "aws_cloudwatch_event_rule" "recovered" {
  name        = "${var.name}-recovered"
  description = "An alarm is over"

  event_pattern = jsonencode({
    source        = ["aws.cloudwatch"]
    "detail-type" = ["CloudWatch Alarm State Change"]
    detail = {
      alarmName     = [{ prefix = "${var.name}-" }]
      previousState = { value = ["ALARM"] }
      state         = { value = ["OK"] }
    }
  })
}

resource "aws_cloudwatch_event_target" "recovered" {
  for_each = merge(
    { alerts = { topic_arn = aws_sns_topic.alerts.arn, template = local.recovered.text } },
    { for arn in aws_sns_topic.chat[*].arn : "chat" => { topic_arn = arn, template = local.recovered.chat } },
  )

  rule      = aws_cloudwatch_event_rule.recovered.name
  target_id = each.key
  arn       = each.value.topic_arn

  input_transformer {
    input_paths    = { alarm = "$.detail.alarmName", time = "$.time" }
    input_template = chomp(each.value.template)
  }
}

# JSON with EventBridge's places in it, which jsonencode would escape.
locals {
  recovered = {
    text = <<-EOT
      "RetailPulse: the alarm <alarm> is over, since <time>."
    EOT
    # The form in which it shows what is not AWS's own
    # (docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html).
    chat = <<-EOT
      {"version": "1.0", "source": "custom", "content": {"title": "<alarm> is over", "description": "Since <time>"}}
    EOT
  }
}
