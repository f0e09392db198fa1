# For whoever asks gold and silver: people, QuickSight, Tableau. It is made here and not in infra/main, so
# that a deployment cannot widen what its readers may.

locals {
  layers = [local.gold_database, "${local.gold_database}_silver"]
}

data "aws_iam_policy_document" "analyst" {
  #checkov:skip=CKV_AWS_356:To list work groups and catalogs knows no resource.
  statement {
    sid = "AskAsAnAnalyst"
    actions = [
      "athena:BatchGetNamedQuery",
      "athena:BatchGetQueryExecution",
      "athena:GetNamedQuery",
      "athena:GetQueryExecution",
      "athena:GetQueryResults",
      # The JDBC and the ODBC driver read results by it.
      "athena:GetQueryResultsStream",
      "athena:GetWorkGroup",
      "athena:ListNamedQueries",
      "athena:ListQueryExecutions",
      "athena:StartQueryExecution",
      "athena:StopQueryExecution",
    ]
    resources = ["arn:${local.partition}:athena:${local.region}:${local.account}:workgroup/${var.name}-analysts"]
  }

  statement {
    sid     = "FindTheWorkGroup"
    actions = ["athena:ListDataCatalogs", "athena:ListEngineVersions", "athena:ListWorkGroups"]
    # IAM knows no resource for these actions.
    resources = ["*"]
  }

  statement {
    sid = "FindTheCatalog"
    actions = [
      "athena:GetDataCatalog",
      "athena:GetDatabase",
      "athena:GetTableMetadata",
      "athena:ListDatabases",
      "athena:ListTableMetadata",
    ]
    # Athena writes its own catalog's name so, and whoever asks it may write it otherwise.
    resources = [
      for name in ["AwsDataCatalog", "awsdatacatalog"] :
      "arn:${local.partition}:athena:${local.region}:${local.account}:datacatalog/${name}"
    ]
  }

  statement {
    sid     = "ListDatabases"
    actions = ["glue:GetDatabases"]
    # GetDatabases answers with all databases of the catalog or not at all.
    resources = ["${local.glue_arn}:catalog", "${local.glue_arn}:database/*"]
  }

  # Athena looks at it before any other, whether an account has it or not.
  statement {
    sid       = "FindTheDatabaseDefault"
    actions   = ["glue:GetDatabase"]
    resources = ["${local.glue_arn}:catalog", "${local.glue_arn}:database/default"]
  }

  statement {
    sid     = "ReadTheCatalog"
    actions = ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"]
    resources = concat(
      ["${local.glue_arn}:catalog"],
      [for layer in local.layers : "${local.glue_arn}:database/${layer}"],
      # dbt makes and names the tables.
      [for layer in local.layers : "${local.glue_arn}:table/${layer}/*"],
    )
  }

  statement {
    sid     = "ReadTheLakehouse"
    actions = ["s3:GetObject"]
    # dbt names the tables' files.
    resources = ["${local.bucket_prefix}lakehouse/*"]
  }

  statement {
    sid       = "FindTheBuckets"
    actions   = ["s3:GetBucketLocation"]
    resources = ["${local.bucket_prefix}lakehouse", "${local.bucket_prefix}results"]
  }

  statement {
    sid       = "FindTheFiles"
    actions   = ["s3:ListBucket"]
    resources = ["${local.bucket_prefix}lakehouse"]
  }

  statement {
    sid       = "FindTheAnswers"
    actions   = ["s3:ListBucket"]
    resources = ["${local.bucket_prefix}results"]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      # Athena names the results' files.
      values = ["analysts", "analysts/*"]
    }
  }

  statement {
    sid     = "KeepTheAnswer"
    actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
    # Athena names the results' files.
    resources = ["${local.bucket_prefix}results/analysts/*"]
  }

  dynamic "statement" {
    for_each = var.catalog_key_arn[*]

    content {
      sid       = "UseTheCatalogsKey"
      actions   = ["kms:Decrypt"]
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

resource "aws_iam_policy" "analyst" {
  name        = "${var.name}-analyst"
  path        = local.path
  description = "Read gold and silver of ${var.environment} in Athena, in the analysts' work group"
  policy      = data.aws_iam_policy_document.analyst.json
}
