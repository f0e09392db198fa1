resource "aws_iam_role" "execution" {
  name                 = "${local.name}-start"
  description          = "ECS, before the puller runs: fetches the image, reads the address, opens the log"
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
    sid       = "ReadAddress"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.secret.arn]
  }

  dynamic "statement" {
    for_each = var.secret.kms_key_arn[*]

    content {
      sid       = "DecryptAddress"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }

  statement {
    sid     = "WriteLog"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    # Each task makes a stream of its own.
    resources = ["${aws_cloudwatch_log_group.this.arn}:log-stream:*"]
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-puller"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}
