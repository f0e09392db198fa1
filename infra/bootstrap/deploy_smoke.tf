# `make smoke` after a deployment: one order to the bus, a run, and a question to gold as an analyst; and
# the end of it, told to whoever hears of alarms.
data "aws_iam_policy_document" "deploy_smoke" {
  #checkov:skip=CKV_AWS_356:As in analyst.tf.
  source_policy_documents = [data.aws_iam_policy_document.analyst.json]

  statement {
    sid       = "SendTheOrder"
    actions   = ["events:PutEvents"]
    resources = ["${local.events_arn}:event-bus/${local.names}"]
  }

  statement {
    sid       = "StartTheRun"
    actions   = ["states:StartExecution"]
    resources = [local.state_machines]
  }

  statement {
    sid     = "SeeHowItEnds"
    actions = ["states:DescribeExecution"]
    # Step Functions names executions.
    resources = ["arn:${local.partition}:states:${local.region}:${local.account}:execution:${local.names}:*"]
  }

  statement {
    sid     = "FindTheOrderInRaw"
    actions = ["s3:GetObject"]
    # The ingester names the objects.
    resources = ["${local.bucket_prefix}raw/events/event_type=order_created/*"]
  }

  statement {
    sid     = "DropAFile"
    actions = ["s3:GetObjectTagging", "s3:PutObject"]
    # A feed's pattern names it.
    resources = ["${local.bucket_prefix}drops/drop/*"]
  }

  statement {
    sid     = "TellTheEnd"
    actions = ["sns:Publish"]
    # The region is the environment's.
    resources = ["arn:${local.partition}:sns:${local.region}:${local.account}:${var.name}-alerts"]
  }
}
