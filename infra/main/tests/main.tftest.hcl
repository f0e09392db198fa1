# Each environment's file is given from outside (tests/infra/test_modules.py): `terraform test
# -var-file=environments/dev.tfvars`.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1a", "eu-west-1b"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  # Any file: what is in it does not matter here.
  package = "main.tf"
  image   = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/retailpulse@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
}

run "needs_no_more_than_its_file_an_image_and_a_package" {
  command = plan

  assert {
    condition = { for kind, bucket in output.buckets : kind => bucket.name } == {
      for kind in ["raw", "lakehouse", "results", "artifacts", "docs"] : kind => "retailpulse-${var.environment}-111122223333-${kind}"
    }
    error_message = "A bucket's name is not retailpulse-<environment>-<account>-<kind>."
  }

  assert {
    condition     = var.force_destroy == (var.environment == "dev")
    error_message = "What is in the buckets must go with dev, and with no other environment."
  }

  assert {
    condition     = { for role, group in output.work_groups : role => group.name } == { dbt = "retailpulse", analysts = "retailpulse-analysts" }
    error_message = "The work groups have other names than profiles.yml and the README say."
  }

  assert {
    condition     = { for layer, database in output.databases : layer => database.name } == { gold = "retailpulse", raw = "retailpulse_raw", staging = "retailpulse_staging", silver = "retailpulse_silver" }
    error_message = "The databases have other names than dbt's."
  }

  assert {
    condition     = contains(keys(module.monitoring.alarm_names), "gold-stale")
    error_message = "Nobody is told when gold is stale."
  }

  assert {
    condition     = (var.environment == "dev") == (var.schedules.fast == "rate(60 minutes)")
    error_message = "Runs are an hour apart elsewhere than in dev, or closer there."
  }

  # One run may be skipped, as another holds the lease.
  assert {
    condition     = var.environment != "dev" || var.alarm_thresholds.gold_stale_minutes > 120
    error_message = "Dev's gold is called stale between two of its runs."
  }
}

run "a_part_of_an_object_leaves_the_rest_as_it_is" {
  command = plan

  variables {
    schedules            = { fast = "rate(15 minutes)" }
    timeouts             = { daily = 10800 }
    bytes_scanned_cutoff = { analysts = 1000000000 }
    alarm_thresholds     = { oldest_message_seconds = 600 }
  }

  assert {
    condition     = contains(keys(module.monitoring.alarm_names), "gold-stale")
    error_message = "A threshold of one alarm takes another away."
  }
}

run "nobody_waits_for_runs_that_no_schedule_starts" {
  command = plan

  variables {
    schedules_enabled = false
  }

  assert {
    condition     = !contains(keys(module.monitoring.alarm_names), "gold-stale")
    error_message = "Gold is called stale where no schedule starts a run."
  }
}

run "no_minutes_are_no_alarm" {
  command = plan

  variables {
    alarm_thresholds = { gold_stale_minutes = 0 }
  }

  assert {
    condition     = !contains(keys(module.monitoring.alarm_names), "gold-stale")
    error_message = "gold_stale_minutes 0 makes an alarm."
  }
}

run "sizes_are_the_modules_own_unless_given" {
  command = plan

  assert {
    condition     = output.function.memory_mb == 512 && length(module.monitoring.alarm_names) > 15
    error_message = "The function has another size than its module gives."
  }
}

run "sizes_can_be_given" {
  command = plan

  variables {
    function_memory_mb     = 1024
    task                   = { memory = 4096 }
    archive_retention_days = 30
    producer_account_ids   = ["222233334444"]
    monthly_budget_usd     = 150
    slack_channel          = { workspace_id = "T012ABC", channel_id = "C345DEF" }
    alarm_thresholds       = { lakehouse_bytes = 5e12 }
  }

  assert {
    condition     = output.function.memory_mb == 1024
    error_message = "The function does not get the memory that was asked for."
  }
}

run "refuses_two_that_decide_about_tables" {
  command = plan

  variables {
    governance = { tables_by_iam = true, lake_formation = true }
  }

  expect_failures = [var.governance]
}

run "refuses_the_name_of_an_environment_that_a_bucket_cannot_have" {
  command = plan

  variables {
    environment = "Production"
  }

  expect_failures = [var.environment]
}

run "no_source_makes_nothing" {
  command = plan

  assert {
    condition     = length(output.database_sources) == 0 && output.trial_database == null
    error_message = "A puller or a database is made that nobody asked for."
  }
}

run "refuses_a_source_that_no_file_describes" {
  command = plan

  variables {
    database_sources = { a_source_without_a_file = { secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:till-AbCdEf" } }
  }

  expect_failures = [var.database_sources]
}

run "a_database_for_trying" {
  command = plan

  variables {
    trial_database = { engine = "postgresql" }
  }

  assert {
    condition     = output.trial_database.port == 5432
    error_message = "There is no database to try."
  }
}

run "files_without_a_feed_are_refused" {
  command = plan

  variables {
    # Feeds come disabled with the project.
    file_drops = {}
  }

  expect_failures = [var.file_drops]
}
