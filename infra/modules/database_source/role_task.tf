resource "aws_iam_role" "task" {
  name                 = local.name
  description          = "The puller of ${var.source_name}: its rows into raw, its states, the pull's outcome"
  assume_role_policy   = data.aws_iam_policy_document.assumed_by["tasks"].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "task" {
  statement {
    sid     = "LandRows"
    actions = ["s3:PutObject"]
    # By day and hour of arrival, and by batch.
    resources = [for type in var.event_types : "${var.raw_bucket.arn}/events/event_type=${type}/*"]
  }

  statement {
    sid = "KeepStates"
    # A write on the condition of an ETag takes the right to read
    # (docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
    actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
    resources = ["${var.raw_bucket.arn}/${local.states_prefix}/*"]
  }

  statement {
    sid       = "ListStates"
    actions   = ["s3:ListBucket"]
    resources = [var.raw_bucket.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.states_prefix}/*"]
    }
  }

  statement {
    sid     = "SeeWhichTypesAreListed"
    actions = ["glue:GetTable"]
    resources = [
      "${local.arn}:glue:${local.home}:catalog",
      "${local.arn}:glue:${local.home}:database/${var.raw_table.database}",
      "${local.arn}:glue:${local.home}:table/${var.raw_table.database}/${var.raw_table.name}",
    ]
  }

  statement {
    sid     = "Report"
    actions = ["states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"]
    # They take a task's token instead of a resource, and only this task is told it.
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = var.catalog_key_arn[*]

    content {
      sid       = "UseTheCatalogsKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "task" {
  name   = "pull"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}
