# `make smoke` after a deployment: one order to the bus, a run, and a question to gold as an analyst; and
# the end of it, told to whoever hears of alarms.
data "aws_iam_policy_document" "deploy_smoke" {
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
    sid       = "AskAsAnAnalyst"
    actions   = ["athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution"]
    resources = ["arn:${local.partition}:athena:${local.region}:${local.account}:workgroup/${var.name}-analysts"]
  }

  statement {
    sid     = "ReadTheLakehouse"
    actions = ["s3:GetObject"]
    # dbt names the tables' files.
    resources = ["${local.bucket_prefix}lakehouse/*"]
  }

  statement {
    sid     = "FindTheOrderInRaw"
    actions = ["s3:GetObject"]
    # The ingester names the objects.
    resources = ["${local.bucket_prefix}raw/events/event_type=order_created/*"]
  }

  statement {
    sid     = "FindTheCatalog"
    actions = ["athena:GetDataCatalog"]
    # Athena writes its own catalog's name so, and whoever asks it may write it otherwise.
    resources = [
      for name in ["AwsDataCatalog", "awsdatacatalog"] :
      "arn:${local.partition}:athena:${local.region}:${local.account}:datacatalog/${name}"
    ]
  }

  # Athena looks at it before any other, whether an account has it or not.
  statement {
    sid       = "FindTheDatabaseDefault"
    actions   = ["glue:GetDatabase"]
    resources = ["${local.glue_arn}:catalog", "${local.glue_arn}:database/default"]
  }

  statement {
    sid     = "KeepTheAnswer"
    actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
    # Athena names the results' files.
    resources = ["${local.bucket_prefix}results/analysts/*"]
  }

  statement {
    sid     = "TellTheEnd"
    actions = ["sns:Publish"]
    # The region is the environment's.
    resources = ["arn:${local.partition}:sns:${local.region}:${local.account}:${var.name}-alerts"]
  }
}
