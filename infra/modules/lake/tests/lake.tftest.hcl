mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name          = "retailpulse"
  environment   = "dev"
  force_destroy = false
}

run "makes_five_private_buckets" {
  assert {
    condition = { for kind, bucket in output.buckets : kind => bucket.name } == {
      for kind in ["raw", "lakehouse", "results", "artifacts", "docs"] : kind => "retailpulse-dev-111122223333-${kind}"
    }
    error_message = "A bucket's name is not <name>-<environment>-<account>-<kind>."
  }

  assert {
    condition     = alltrue([for bucket in aws_s3_bucket.this : !bucket.force_destroy])
    error_message = "Destroying would delete what a bucket holds."
  }

  assert {
    condition = length(aws_s3_bucket_public_access_block.this) == 5 && alltrue([
      for block in aws_s3_bucket_public_access_block.this :
      block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets
    ])
    error_message = "A bucket could be made public."
  }

  assert {
    condition = length(aws_s3_bucket_policy.this) == 5 && alltrue([
      for kind, document in data.aws_iam_policy_document.tls_only :
      document.statement[0].effect == "Deny"
      && document.statement[0].actions == toset(["s3:*"])
      && document.statement[0].resources == toset([aws_s3_bucket.this[kind].arn, "${aws_s3_bucket.this[kind].arn}/*"])
      && one(document.statement[0].condition).variable == "aws:SecureTransport"
    ])
    error_message = "A bucket answers without TLS."
  }

  assert {
    condition = length(aws_s3_bucket_server_side_encryption_configuration.this) == 5 && alltrue([
      for encryption in aws_s3_bucket_server_side_encryption_configuration.this :
      one(one(encryption.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    ])
    error_message = "A bucket is not encrypted by S3's own keys."
  }

  assert {
    condition     = alltrue([for controls in aws_s3_bucket_ownership_controls.this : one(controls.rule).object_ownership == "BucketOwnerEnforced"])
    error_message = "An object could belong to somebody else."
  }
}

run "keeps_versions_where_overwriting_loses_data" {
  assert {
    condition     = keys(aws_s3_bucket_versioning.this) == ["artifacts", "docs", "raw"]
    error_message = "Versions are kept of the wrong buckets."
  }

  assert {
    condition = [
      for kind, lifecycle in aws_s3_bucket_lifecycle_configuration.this : kind
      if length([for rule in lifecycle.rule : rule if length(rule.noncurrent_version_expiration) > 0]) > 0
    ] == keys(aws_s3_bucket_versioning.this)
    error_message = "Noncurrent versions are kept for ever."
  }

  assert {
    condition = toset([
      for rule in aws_s3_bucket_lifecycle_configuration.this["raw"].rule :
      "${rule.id}: ${one(rule.noncurrent_version_expiration).noncurrent_days}"
      if length(rule.noncurrent_version_expiration) > 0
    ]) == toset(["delete-noncurrent-versions: 30", "delete-noncurrent-versions-of-pulled: 1"])
    error_message = "A state that each pull writes over is kept as long as an event, or an event as short."
  }
}

run "lets_expire_what_can_be_made_again_and_keeps_raw" {
  assert {
    condition = {
      for kind, lifecycle in aws_s3_bucket_lifecycle_configuration.this : kind => {
        for rule in lifecycle.rule : one(rule.filter).prefix => one(rule.expiration).days
        if length([for expiration in rule.expiration : expiration if expiration.days != null && expiration.days != 0]) > 0
      }
      } == {
      artifacts = { "runs/" = 90 }
      docs      = {}
      lakehouse = { "temporary/" = 2 }
      raw       = {}
      results   = { "" = 7 }
    }
    error_message = "Something else expires than results, temporary tables and what runs left."
  }

  assert {
    condition = alltrue([
      for lifecycle in aws_s3_bucket_lifecycle_configuration.this :
      length([for rule in lifecycle.rule : rule if length(rule.abort_incomplete_multipart_upload) > 0]) == 1
    ])
    error_message = "Unfinished uploads are kept."
  }
}

run "moves_nothing_to_storage_that_takes_no_small_object" {
  assert {
    condition = alltrue(flatten([
      for lifecycle in aws_s3_bucket_lifecycle_configuration.this : [for rule in lifecycle.rule : length(rule.transition) == 0]
    ]))
    error_message = "A rule moves objects: S3 leaves those below 128 KiB where they are, and raw has no others."
  }
}

run "retains_raw_as_long_as_asked" {
  variables {
    raw_retention_days = 3650
  }

  assert {
    condition = {
      for rule in aws_s3_bucket_lifecycle_configuration.this["raw"].rule : one(rule.filter).prefix => one(rule.expiration).days
      if startswith(rule.id, "expire-")
    } == { "events/" = 3650, "oversized/" = 3650 }
    error_message = "Raw is not deleted after its retention."
  }
}

run "refuses_wrong_names" {
  command = plan

  variables {
    name        = "Retail_Pulse"
    environment = "dev-1"
  }

  expect_failures = [var.name, var.environment]
}

run "refuses_half_a_day" {
  command = plan

  variables {
    raw_retention_days       = 0.5
    artifacts_retention_days = 0.5
  }

  expect_failures = [var.raw_retention_days, var.artifacts_retention_days]
}
