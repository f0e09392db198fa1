data "aws_caller_identity" "current" {}

locals {
  # What each bucket holds, and whether overwriting or deleting there would lose what cannot be made
  # again. Iceberg writes each file of the lakehouse once and keeps its own history, and VACUUM is to
  # free what it deletes: versions would keep, and bill, every row for which deletion was asked.
  # Results can be queried again.
  kinds = {
    raw       = { versioned = true }
    lakehouse = { versioned = false }
    results   = { versioned = false }
    artifacts = { versioned = true }
    docs      = { versioned = true }
  }
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Access logs are an account's decision (CloudTrail data events); each costs a put and a bucket of its own.
  #checkov:skip=CKV_AWS_21:Versioned where overwriting loses data; see local.kinds.
  #checkov:skip=CKV_AWS_144:One region: S3 keeps three zones, and everything but raw can be made again.
  #checkov:skip=CKV_AWS_145:SSE-S3; KMS bills each of the many small requests of Athena and the ingester.
  #checkov:skip=CKV2_AWS_62:Nothing waits for an object; the schedule finds what is new.
  for_each = local.kinds

  bucket        = "${var.name}-${var.environment}-${data.aws_caller_identity.current.account_id}-${each.key}"
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.kinds

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.kinds

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.kinds

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    # A bucket key saves requests to KMS, which SSE-S3 never makes.
    bucket_key_enabled = false

    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = { for kind, settings in local.kinds : kind => settings if settings.versioned }

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

data "aws_iam_policy_document" "tls_only" {
  for_each = local.kinds

  statement {
    sid    = "DenyWithoutTls"
    effect = "Deny"
    # A denial is to leave out no action, key or caller.
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this[each.key].arn, "${aws_s3_bucket.this[each.key].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.kinds

  bucket = aws_s3_bucket.this[each.key].id
  policy = data.aws_iam_policy_document.tls_only[each.key].json

  # S3 refuses two changes of one bucket's access at a time (OperationAborted).
  depends_on = [aws_s3_bucket_public_access_block.this]
}
