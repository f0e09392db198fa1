mock_provider "aws" {}

variables {
  name               = "retail-pulse"
  raw_bucket         = "lake-raw"
  event_types        = ["order_status_changed", "order_created"]
  first_day          = "2026-03-01"
  raw_table_template = "../../../ingestion/raw_events_table.json.tftpl"
}

run "makes_a_database_for_each_layer" {
  assert {
    condition = { for layer, database in output.databases : layer => database.name } == {
      gold    = "retail_pulse"
      raw     = "retail_pulse_raw"
      staging = "retail_pulse_staging"
      silver  = "retail_pulse_silver"
    }
    error_message = "A database has another name than dbt gives its schema."
  }
}

run "leaves_who_decides_about_tables_to_the_account" {
  assert {
    condition     = alltrue([for database in aws_glue_catalog_database.this : length([for given in database.create_table_default_permission : given if try(contains(given.permissions, "ALL"), false)]) == 0])
    error_message = "An account's own default is passed over unasked."
  }
}

run "lets_iam_decide_where_lake_formation_would" {
  variables {
    tables_by_iam = true
  }

  assert {
    condition = alltrue([
      for database in aws_glue_catalog_database.this :
      one(database.create_table_default_permission).permissions == toset(["ALL"])
      && one(one(database.create_table_default_permission).principal).data_lake_principal_identifier == "IAM_ALLOWED_PRINCIPALS"
    ])
    error_message = "dbt's tables would be Lake Formation's."
  }
}

# That every other field is the template's is shown by tests/infra/test_raw_table.py.
run "makes_the_raw_table_of_the_bucket_and_the_known_types" {
  assert {
    condition     = aws_glue_catalog_table.raw.parameters["projection.event_type.values"] == "order_created,order_status_changed,unknown"
    error_message = "The types are not the known ones in order, and unknown."
  }

  assert {
    condition     = aws_glue_catalog_table.raw.parameters["storage.location.template"] == "s3://lake-raw/events/event_type=$${event_type}/dt=$${dt}/hour=$${hour}/"
    error_message = "Partitions are looked for elsewhere than the ingester writes them."
  }

  assert {
    condition     = aws_glue_catalog_table.raw.database_name == "retail_pulse_raw" && output.raw_table.name == "events"
    error_message = "The table is not events of the raw database."
  }
}

run "refuses_a_type_that_is_no_partition" {
  command = plan

  variables {
    event_types = ["order_created", "order,created"]
  }

  expect_failures = [var.event_types]
}

run "refuses_unknown_as_a_known_type" {
  command = plan

  variables {
    event_types = ["unknown"]
  }

  expect_failures = [var.event_types]
}

run "refuses_a_day_that_is_none" {
  command = plan

  variables {
    first_day = "2026-02-30"
  }

  expect_failures = [var.first_day]
}
