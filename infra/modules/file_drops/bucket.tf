data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  # As ingestion/sources/files/drop_bucket.py has them.
  dropped_prefix = "drop/"
  told_prefixes  = ["manifests", "rejected"]
  landed         = { key = "retailpulse", value = "landed" }
}

resource "aws_s3_bucket" "drops" {
  #checkov:skip=CKV_AWS_18:Access logs are an account's decision (CloudTrail data events); each costs a put and a bucket of its own.
  #checkov:skip=CKV_AWS_144:One region: S3 keeps three zones, and the rows are in raw.
  #checkov:skip=CKV_AWS_145:SSE-S3, as of the lake's buckets.
  bucket        = "${var.name}-${var.environment}-${data.aws_caller_identity.this.account_id}-drops"
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "drops" {
  bucket                  = aws_s3_bucket.drops.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "drops" {
  bucket = aws_s3_bucket.drops.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "drops" {
  bucket = aws_s3_bucket.drops.id

  rule {
    bucket_key_enabled = false

    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# Each version of a key is a delivery: one that is written over before it has landed is not lost.
resource "aws_s3_bucket_versioning" "drops" {
  bucket = aws_s3_bucket.drops.id

  versioning_configuration {
    status = "Enabled"
  }
}

data "aws_iam_policy_document" "tls_only" {
  statement {
    sid    = "DenyWithoutTls"
    effect = "Deny"
    # A denial is to leave out no action, key or caller.
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.drops.arn, "${aws_s3_bucket.drops.arn}/*"]

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

resource "aws_s3_bucket_policy" "drops" {
  bucket = aws_s3_bucket.drops.id
  policy = data.aws_iam_policy_document.tls_only.json

  # S3 refuses two changes of one bucket's access at a time (OperationAborted).
  depends_on = [aws_s3_bucket_public_access_block.drops]
}

# S3 moves nothing: the function tags what has landed, and by that tag it is archived.
resource "aws_s3_bucket_lifecycle_configuration" "drops" {
  bucket = aws_s3_bucket.drops.id

  rule {
    id     = "abort-unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  # What a rule deletes, or somebody, leaves a marker behind.
  rule {
    id     = "delete-lonely-markers"
    status = "Enabled"

    filter {}

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "archive-landed"
    status = "Enabled"

    filter {
      tag {
        key   = local.landed.key
        value = local.landed.value
      }
    }

    transition {
      days          = var.archive_after_days
      storage_class = "GLACIER_IR"
    }

    noncurrent_version_transition {
      noncurrent_days = var.archive_after_days
      storage_class   = "GLACIER_IR"
    }
  }

  dynamic "rule" {
    for_each = var.retention_days[*]

    content {
      id     = "delete-landed"
      status = "Enabled"

      filter {
        tag {
          key   = local.landed.key
          value = local.landed.value
        }
      }

      expiration {
        days = rule.value
      }

      # What expires becomes noncurrent first.
      noncurrent_version_expiration {
        noncurrent_days = 1
      }
    }
  }

  # A rule for noncurrent versions needs versions.
  depends_on = [aws_s3_bucket_versioning.drops]
}

# S3 sends a test event as soon as this is made, and needs the queue's policy for it.
resource "aws_s3_bucket_notification" "drops" {
  bucket = aws_s3_bucket.drops.id

  queue {
    id            = "dropped-files"
    queue_arn     = aws_sqs_queue.drops.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = local.dropped_prefix
  }

  # What is told of has a version.
  depends_on = [aws_s3_bucket_versioning.drops]
}
