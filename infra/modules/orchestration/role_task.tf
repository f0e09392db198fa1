resource "aws_iam_role" "task" {
  name                 = "${var.name}-dbt"
  description          = "dbt: raw to gold by Athena, artifacts, docs, the run's outcome"
  assume_role_policy   = data.aws_iam_policy_document.assumed_by["tasks"].json
  permissions_boundary = var.permissions_boundary_arn
}

locals {
  # Where the work group puts results (infra/modules/athena); the analysts' are beside it.
  results_prefix = "dbt/"

  catalog_arn = "${local.arn}:glue:${local.home}:catalog"

  # Every database that dbt makes tables in: all but raw, which is Terraform's.
  built = [for layer in ["gold", "staging", "silver"] : var.databases[layer]]
}

# What Athena does for a query, it does with the rights of who sent it.
data "aws_iam_policy_document" "task" {
  statement {
    sid = "Query"
    actions = [
      "athena:GetQueryExecution",
      "athena:GetQueryResults",
      "athena:GetWorkGroup",
      "athena:StartQueryExecution",
      "athena:StopQueryExecution",
    ]
    resources = [var.work_group.arn]
  }

  statement {
    sid     = "FindCatalog"
    actions = ["athena:GetDataCatalog"]
    # AWS writes it so; dbt asks for it as profiles.yml does, and IAM tells upper case from lower.
    resources = [for name in ["AwsDataCatalog", "awsdatacatalog"] : "${local.arn}:athena:${local.home}:datacatalog/${name}"]
  }

  statement {
    sid     = "ListDatabases"
    actions = ["glue:GetDatabases"]
    # GetDatabases answers with all databases of the catalog or not at all.
    resources = [local.catalog_arn, "${local.arn}:glue:${local.home}:database/*"]
  }

  statement {
    sid     = "ReadCatalog"
    actions = ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
    resources = concat(
      # Athena looks at the database `default` before DDL in any other.
      [local.catalog_arn, "${local.arn}:glue:${local.home}:database/default"],
      values(var.databases)[*].arn,
      # dbt makes the tables, so their names are not known here.
      [for database in values(var.databases) : "${local.arn}:glue:${local.home}:table/${database.name}/*"],
    )
  }

  statement {
    sid = "BuildTables"
    actions = [
      "glue:BatchCreatePartition",
      "glue:BatchDeletePartition",
      "glue:BatchDeleteTableVersion",
      "glue:CreateTable",
      "glue:DeleteTable",
      "glue:DeleteTableVersion",
      "glue:GetTableVersions",
      "glue:UpdateTable",
    ]
    resources = concat(
      [local.catalog_arn],
      local.built[*].arn,
      # As above.
      [for database in local.built : "${local.arn}:glue:${local.home}:table/${database.name}/*"],
    )
  }

  statement {
    sid     = "ReadRaw"
    actions = ["s3:GetObject"]
    # The raw zone without what lies beside it: oversized/ is for people.
    resources = ["${var.buckets.raw.arn}/events/*"]
  }

  statement {
    sid       = "ListRaw"
    actions   = ["s3:ListBucket"]
    resources = [var.buckets.raw.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["events/*", "events"]
    }
  }

  statement {
    sid = "WriteTables"
    actions = [
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:ListMultipartUploadParts",
      "s3:PutObject",
    ]
    # The lakehouse holds nothing but dbt's tables, below prefixes that dbt chooses.
    resources = ["${var.buckets.lakehouse.arn}/*", "${var.buckets.results.arn}/${local.results_prefix}*"]
  }

  statement {
    sid = "ListTables"
    actions = [
      "s3:GetBucketLocation",
      "s3:ListBucket",
      "s3:ListBucketMultipartUploads",
    ]
    resources = [var.buckets.lakehouse.arn, var.buckets.results.arn]
  }

  statement {
    sid       = "FindRaw"
    actions   = ["s3:GetBucketLocation"]
    resources = [var.buckets.raw.arn]
  }

  statement {
    sid     = "KeepArtifacts"
    actions = ["s3:PutObject"]
    # Each run has a folder of its own.
    resources = ["${var.buckets.artifacts.arn}/runs/*"]
  }

  statement {
    sid     = "PublishDocs"
    actions = ["s3:PutObject"]
    resources = [
      for file in ["index.html", "catalog.json", "manifest.json"] : "${var.buckets.docs.arn}/${file}"
    ]
  }

  statement {
    sid     = "Report"
    actions = ["states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"]
    # They take a task's token instead of a resource, and IAM knows none for them: whoever has the token
    # may answer, and only this task is told it.
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = var.catalog_key_arn[*]

    content {
      sid       = "UseTheCatalogsKey"
      actions   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.lake_formation ? [true] : []

    content {
      sid     = "AskLakeFormation"
      actions = ["lakeformation:GetDataAccess"]
      # It knows no resource: what is given follows from Lake Formation's own grants.
      resources = ["*"]
    }
  }
}

resource "aws_iam_role_policy" "task" {
  name   = "build"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}
