# What no role of an environment can do more than, whatever its policies say. It grants nothing: each
# role's own policy names its actions and resources.

data "aws_iam_policy_document" "boundary" {
  statement {
    sid = "Services"
    actions = [
      for service in [
        "athena",
        "cloudwatch",
        "dynamodb",
        "ecr",
        "ecs",
        "glue",
        "logs",
        "sns",
        "sqs",
        "states",
      ] :
      # A cap by service: those that a function, a run or a schedule has to do with. IAM is none.
      "${service}:*"
    ]
    # A cap by service, as above.
    resources = ["*"]
  }

  statement {
    sid = "Buckets"
    # A cap by bucket: those of the environment, and not the state's.
    actions = ["s3:*"]
    # Those who write to a bucket name its objects.
    resources = [local.buckets, "${local.buckets}/*"]
  }

  statement {
    sid       = "GiveRoles"
    actions   = ["iam:PassRole"]
    resources = [local.roles]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  # The address of a database that is followed, which ECS reads for the puller.
  statement {
    sid     = "Secrets"
    actions = ["secretsmanager:GetSecretValue"]
    # A cap: which secret, each role's own policy says.
    resources = ["arn:${local.partition}:secretsmanager:*:${local.account}:secret:*"]
  }

  # What Glue, S3 and Secrets Manager do with a key for a role, they do with its rights.
  statement {
    sid     = "Keys"
    actions = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
    # A cap: which key, each role's own policy says.
    resources = ["arn:${local.partition}:kms:*:*:key/*"]

    condition {
      test     = "StringLike"
      variable = "kms:ViaService"
      values   = ["glue.*.amazonaws.com", "s3.*.amazonaws.com", "secretsmanager.*.amazonaws.com"]
    }
  }

  statement {
    sid     = "LakeFormation"
    actions = ["lakeformation:GetDataAccess"]
    # It knows no resource.
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-boundary"
  path        = local.path
  description = "What no role of an environment can do more than"
  policy      = data.aws_iam_policy_document.boundary.json
}
