mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
}

variables {
  name           = "retailpulse"
  results_bucket = "results"
  force_destroy  = false
  gold_database  = "retailpulse"
}

run "makes_a_work_group_for_dbt_and_one_for_analysts" {
  assert {
    condition     = { for user, work_group in output.work_groups : user => work_group.name } == { dbt = "retailpulse", analysts = "retailpulse-analysts" }
    error_message = "A work group has another name."
  }

  assert {
    condition = alltrue([
      for work_group in aws_athena_workgroup.this :
      one(work_group.configuration).enforce_workgroup_configuration
      && one(work_group.configuration).publish_cloudwatch_metrics_enabled
      && one(one(work_group.configuration).engine_version).selected_engine_version == "Athena engine version 3"
    ])
    error_message = "A work group lets its users choose, is not measured, or follows the newest engine."
  }

  assert {
    condition = {
      for user, work_group in aws_athena_workgroup.this : user => [
        one(one(work_group.configuration).result_configuration).output_location,
        one(one(work_group.configuration).result_configuration).expected_bucket_owner,
        one(one(one(work_group.configuration).result_configuration).encryption_configuration).encryption_option,
      ]
      } == {
      dbt      = ["s3://results/dbt/", "111122223333", "SSE_S3"]
      analysts = ["s3://results/analysts/", "111122223333", "SSE_S3"]
    }
    error_message = "Results go elsewhere, or unencrypted."
  }
}

run "lets_an_analyst_read_a_year" {
  assert {
    # 365 million events at 40 bytes in orders_events and 26 in orders, as measured.
    condition     = one(aws_athena_workgroup.this["analysts"].configuration).bytes_scanned_cutoff_per_query >= 365000000 * (40 + 26)
    error_message = "A year of orders_events with orders is cancelled."
  }

  assert {
    # infra/main/variables.tf: what the analysts' alarm allows in a day.
    condition     = one(aws_athena_workgroup.this["analysts"].configuration).bytes_scanned_cutoff_per_query * 4 <= 100000000000
    error_message = "A few queries would use up the day's budget."
  }
}

run "limits_what_a_query_may_scan" {
  variables {
    bytes_scanned_cutoff = { analysts = 20000000 }
  }

  assert {
    condition = {
      for user, work_group in aws_athena_workgroup.this : user => one(work_group.configuration).bytes_scanned_cutoff_per_query
    } == { dbt = 100000000000, analysts = 20000000 }
    error_message = "A limit is not the given one, or not the default where none is given."
  }
}

run "gives_analysts_their_first_queries" {
  assert {
    condition = { for name, query in aws_athena_named_query.this : name => query.database } == {
      daily_revenue   = "retailpulse"
      monthly_revenue = "retailpulse"
      one_order       = "retailpulse"
      order_status    = "retailpulse"
      quarantine      = "retailpulse_silver"
    }
    error_message = "A query is missing, or reads another database."
  }

  assert {
    condition     = alltrue([for query in aws_athena_named_query.this : query.workgroup == "retailpulse-analysts"])
    error_message = "A query is not where analysts look for it."
  }

  assert {
    condition     = alltrue([for query in aws_athena_named_query.this : can(regex("^[A-Z][^-].*\\.$", query.description)) && startswith(query.query, "-- ${query.description}\n")])
    error_message = "A query's first line does not say what it answers."
  }
}

run "refuses_a_limit_below_athenas_least" {
  command = plan

  variables {
    bytes_scanned_cutoff = { dbt = 10000000 }
  }

  expect_failures = [var.bytes_scanned_cutoff]
}

run "refuses_wrong_names" {
  command = plan

  variables {
    name          = "Retail"
    gold_database = "retail-pulse"
  }

  expect_failures = [var.name, var.gold_database]
}
