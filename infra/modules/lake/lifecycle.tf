locals {
  # Long enough to notice a mistake, and to restore what it deleted.
  noncurrent_days = 30

  # What is of a table that is followed and was written over: the state of each pull, and each day the keys
  # of all its rows, which may say something about a person. A state that is lost is made again by a load.
  noncurrent_days_of_pulled = 1

  # What expires, by kind of bucket: days by prefix.
  expiry = {
    # Athena keeps the history of queries for 45 days, but nobody reads a result again after a week.
    results = { "" = 7 }
    # Tables that dbt makes on the way and that a killed run leaves behind.
    lakehouse = { "temporary/" = 2 }
    # 330 MB a day at a run every five minutes.
    artifacts = { "runs/" = var.artifacts_retention_days }
    # It is never moved to colder storage: an object holds the events of one type in a batch, 13 kB at a
    # million a day, and S3 moves none below 128 KiB by itself (TransitionDefaultMinimumObjectSize,
    # docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html), as each would be
    # billed as 128 KiB. A year of a million events a day is 36 GB: USD 0.82 a month.
    raw = var.raw_retention_days == null ? {} : { for prefix in local.raw_prefixes : prefix => var.raw_retention_days }
  }

  raw_prefixes = ["events/", "oversized/"]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  #checkov:skip=CKV_AWS_300:The first rule does it; checkov loses sight of it among raw's dynamic ones.
  for_each = local.kinds

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    id     = "abort-unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  dynamic "rule" {
    for_each = each.value.versioned ? [local.noncurrent_days] : []

    content {
      id     = "delete-noncurrent-versions"
      status = "Enabled"

      filter {}

      noncurrent_version_expiration {
        noncurrent_days = rule.value
      }

      expiration {
        expired_object_delete_marker = true
      }
    }
  }

  # Where two rules hold, S3 goes by the shorter time
  # (docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html).
  dynamic "rule" {
    for_each = each.key == "raw" ? ["pulled/"] : []

    content {
      id     = "delete-noncurrent-versions-of-pulled"
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      noncurrent_version_expiration {
        noncurrent_days = local.noncurrent_days_of_pulled
      }
    }
  }

  dynamic "rule" {
    for_each = lookup(local.expiry, each.key, {})

    content {
      id     = "expire-${rule.key == "" ? "all" : trimsuffix(rule.key, "/")}"
      status = "Enabled"

      filter {
        prefix = rule.key
      }

      expiration {
        days = rule.value
      }
    }
  }

  # A rule for noncurrent versions needs versions.
  depends_on = [aws_s3_bucket_versioning.this]
}
