resource "aws_iam_role" "execution" {
  name                 = "${var.name}-dbt-start"
  description          = "ECS, before dbt runs: fetches the image, opens the log"
  assume_role_policy   = data.aws_iam_policy_document.assumed_by["tasks"].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "execution" {
  statement {
    sid     = "LogInToRegistry"
    actions = ["ecr:GetAuthorizationToken"]
    # It knows no resources.
    resources = ["*"]
  }

  statement {
    sid = "FetchImage"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:GetDownloadUrlForLayer",
    ]
    resources = [local.repository_arn]
  }

  statement {
    sid     = "WriteLog"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    # Each task makes a stream of its own.
    resources = ["${aws_cloudwatch_log_group.dbt.arn}:log-stream:*"]
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-dbt"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}
