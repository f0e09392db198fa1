resource "aws_iam_role" "state_machine" {
  name                 = "${var.name}-runs"
  description          = "The state machine of runs: lease, container, clean-up, notification"
  assume_role_policy   = data.aws_iam_policy_document.assumed_by["state_machine"].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "state_machine" {
  statement {
    sid       = "Lease"
    actions   = ["dynamodb:PutItem", "dynamodb:DeleteItem"]
    resources = [aws_dynamodb_table.lease.arn]
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
      values   = [aws_ecs_cluster.this.arn]
    }
  }

  statement {
    sid     = "StopTask"
    actions = ["ecs:StopTask"]
    # A task's id is known once it runs; the cluster is this module's own.
    resources = ["${local.arn}:ecs:${local.home}:task/${aws_ecs_cluster.this.name}/*"]
  }

  statement {
    sid     = "FindTasks"
    actions = ["ecs:ListTasks"]
    # ListTasks knows no resource but container instances, which Fargate has none of: the condition limits it.
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [aws_ecs_cluster.this.arn]
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
    sid = "CancelQueries"
    actions = [
      "athena:ListQueryExecutions",
      "athena:StopQueryExecution",
    ]
    resources = [var.work_group.arn]
  }

  statement {
    sid       = "Notify"
    actions   = ["sns:Publish"]
    resources = [var.alerts_topic_arn]
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

  statement {
    sid = "WriteLog"
    actions = [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ]
    # CloudWatch Logs knows no resources for the delivery of a service's logs.
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "state_machine" {
  name   = "run"
  role   = aws_iam_role.state_machine.id
  policy = data.aws_iam_policy_document.state_machine.json
}
