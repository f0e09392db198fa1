locals {
  # account, region and name of the image's repository; variables.tf holds the image to this form.
  repository     = regex("^([0-9]{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.[a-z.]+/([^@]+)@", var.image)
  repository_arn = "${local.arn}:ecr:${local.repository[1]}:${local.repository[0]}:repository/${local.repository[2]}"
}

data "aws_iam_policy_document" "assumed_by" {
  for_each = {
    scheduler     = "scheduler.amazonaws.com"
    state_machine = "states.amazonaws.com"
    tasks         = "ecs-tasks.amazonaws.com"
  }

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [each.value]
    }

    # The service acts for this account only.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}
