resource "aws_s3_bucket" "state" {
  #checkov:skip=CKV_AWS_18:Access logs are an account's decision (CloudTrail data events); each costs a put and a bucket of its own.
  #checkov:skip=CKV_AWS_144:One region: S3 keeps three zones, and resources can be imported again.
  #checkov:skip=CKV_AWS_145:SSE-S3; the state holds no secret, and a key of one's own would have to be there before the state.
  #checkov:skip=CKV2_AWS_62:Nothing waits for a change of the state.
  bucket        = "${var.name}-state-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.name}"
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket                  = aws_s3_bucket.state.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    bucket_key_enabled = false

    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    id     = "keep-the-last-states"
    status = "Enabled"

    filter {}

    # Each apply writes a version, and each lock leaves one.
    noncurrent_version_expiration {
      newer_noncurrent_versions = 50
      noncurrent_days           = 90
    }

    expiration {
      expired_object_delete_marker = true
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  # A rule for noncurrent versions needs versions.
  depends_on = [aws_s3_bucket_versioning.state]
}

data "aws_iam_policy_document" "state_tls_only" {
  statement {
    sid    = "DenyWithoutTls"
    effect = "Deny"
    # A denial is to leave out no action, key or caller.
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]

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

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = data.aws_iam_policy_document.state_tls_only.json

  # S3 refuses two changes of one bucket's access at a time (OperationAborted).
  depends_on = [aws_s3_bucket_public_access_block.state]
}
