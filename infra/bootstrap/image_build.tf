# The image built by CodeBuild from a commit's files, where nobody has Docker (`make image-codebuild`).

locals {
  # retailpulse/cloud/deployment/image_build.py puts the bundle there.
  source_key    = "sources/image.zip"
  build_project = "${var.name}-image"
}

resource "aws_codebuild_project" "image" {
  #checkov:skip=CKV_AWS_147:It makes no artifact that a key could encrypt: the image goes to ECR.
  #checkov:skip=CKV_AWS_316:Docker's daemon runs in the build, which needs it (docs.aws.amazon.com/codebuild/latest/userguide/sample-docker.html).
  count = var.image_builds ? 1 : 0

  name           = local.build_project
  description    = "The image that runs dbt, from a commit's files"
  service_role   = aws_iam_role.image_build[0].arn
  build_timeout  = 30
  queued_timeout = 30

  source {
    type      = "S3"
    location  = "${aws_s3_bucket.state.bucket}/${local.source_key}"
    buildspec = file("${path.module}/buildspec.yml")
  }

  artifacts {
    type = "NO_ARTIFACTS"
  }

  # The image is for arm64, as the task is.
  environment {
    type            = "ARM_CONTAINER"
    compute_type    = "BUILD_GENERAL1_SMALL"
    image           = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
    privileged_mode = true

    environment_variable {
      name  = "REPOSITORY"
      value = aws_ecr_repository.this.repository_url
    }
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.image_build[0].name
    }
  }
}

resource "aws_cloudwatch_log_group" "image_build" {
  #checkov:skip=CKV_AWS_158:CloudWatch's own encryption; the log is of a build and holds no secret.
  #checkov:skip=CKV_AWS_338:A build that nobody looked at in a month is looked at by nobody.
  count = var.image_builds ? 1 : 0

  name              = "/aws/codebuild/${local.build_project}"
  retention_in_days = 30
}

data "aws_iam_policy_document" "image_build_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:codebuild:${data.aws_region.current.name}:${local.account}:project/${local.build_project}"]
    }
  }
}

resource "aws_iam_role" "image_build" {
  count = var.image_builds ? 1 : 0

  name               = local.build_project
  path               = local.path
  description        = "CodeBuild: reads the source bundle, pushes the image"
  assume_role_policy = data.aws_iam_policy_document.image_build_trust.json
}

# docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html,
# docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
data "aws_iam_policy_document" "image_build" {
  statement {
    sid       = "ReadTheBundle"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${aws_s3_bucket.state.arn}/${local.source_key}"]
  }

  statement {
    sid       = "SeeWhoseBucketItIs"
    actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation"]
    resources = [aws_s3_bucket.state.arn]
  }

  statement {
    sid = "PushTheImage"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = [aws_ecr_repository.this.arn]
  }

  statement {
    sid     = "LogInToTheRegistry"
    actions = ["ecr:GetAuthorizationToken"]
    # A token is the registry's and not a repository's.
    resources = ["*"]
  }

  statement {
    sid     = "WriteTheLog"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    # Each build makes a stream of its own.
    resources = ["arn:${local.partition}:logs:${data.aws_region.current.name}:${local.account}:log-group:/aws/codebuild/${local.build_project}:*"]
  }
}

resource "aws_iam_role_policy" "image_build" {
  count = var.image_builds ? 1 : 0

  name   = "build"
  role   = aws_iam_role.image_build[0].id
  policy = data.aws_iam_policy_document.image_build.json
}
