# `make smoke` after a deployment: one order to the bus, a run, and a question to gold as an analyst.
locals {
  # The prefix of an environment's bucket, which ends in its kind.
  bucket_prefixes = [for bucket in local.buckets : trimsuffix(bucket, "*")]
}

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
    resources = [for prefix in local.bucket_prefixes : "${prefix}lakehouse/*"]
  }

  statement {
    sid     = "KeepTheAnswer"
    actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
    # Athena names the results' files.
    resources = [for prefix in local.bucket_prefixes : "${prefix}results/analysts/*"]
  }
}
