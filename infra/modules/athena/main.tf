data "aws_caller_identity" "current" {}

locals {
  work_groups = {
    dbt = {
      name        = var.name
      description = "dbt's statements"
      cutoff      = var.bytes_scanned_cutoff.dbt
    }
    analysts = {
      name        = "${var.name}-analysts"
      description = "Analysts' queries"
      cutoff      = var.bytes_scanned_cutoff.analysts
    }
  }
}

resource "aws_athena_workgroup" "this" {
  for_each = local.work_groups

  name          = each.value.name
  description   = each.value.description
  force_destroy = var.force_destroy

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = each.value.cutoff

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location       = "s3://${var.results_bucket}/${each.key}/"
      expected_bucket_owner = data.aws_caller_identity.current.account_id

      encryption_configuration {
        encryption_option = "SSE_S3"
      }
    }
  }
}
