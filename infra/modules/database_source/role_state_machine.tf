resource "aws_iam_role" "state_machine" {
  name                 = "${local.name}-runs"
  description          = "The state machine of the pulls of ${var.source_name}: lease, container, clean-up"
  assume_role_policy   = data.aws_iam_policy_document.assumed_by["state_machine"].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "state_machine" {
  statement {
    sid       = "Lease"
    actions   = ["dynamodb:PutItem", "dynamodb:DeleteItem"]
    resources = [var.lease_table.arn]

    # The item of this source, and not that of dbt's runs.
    condition {
      test     = "ForAllValues:StringEquals"
      variable = "dynamodb:LeadingKeys"
      values   = [local.lease]
    }
  }

  statement {
    sid     = "RunTask"
    actions = ["ecs:RunTask"]
    # The state machine names the family, of which ECS takes the latest revision before it asks IAM
    # (docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html).
    resources = ["${local.arn}:ecs:${local.home}:task-definition/${aws_ecs_task_definition.this.family}:*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.cluster.arn]
    }
  }

  statement {
    sid     = "StopTask"
    actions = ["ecs:StopTask"]
    # A task's id is known once it runs. The cluster is dbt's, too: the state machine stops what it finds
    # by the family.
    resources = ["${local.arn}:ecs:${local.home}:task/${var.cluster.name}/*"]
  }

  statement {
    sid     = "FindTasks"
    actions = ["ecs:ListTasks"]
    # ListTasks knows no resource but container instances, which Fargate has none of: the condition limits it.
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [var.cluster.arn]
    }
  }

  statement {
    sid       = "GiveTaskItsRoles"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.execution.arn, aws_iam_role.task.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    sid     = "Count"
    actions = ["cloudwatch:PutMetricData"]
    # PutMetricData knows no resources: the condition limits it.
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "cloudwatch:namespace"
      values   = ["RetailPulse"]
    }
  }
}

resource "aws_iam_role_policy" "state_machine" {
  name   = "run"
  role   = aws_iam_role.state_machine.id
  policy = data.aws_iam_policy_document.state_machine.json
}
