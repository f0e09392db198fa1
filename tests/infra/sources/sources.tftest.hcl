# infra/main with the files beside this one in ingestion/sources: tests/infra/test_database_sources.py.

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

  mock_data "aws_vpc" {
    defaults = { cidr_block = "10.1.0.0/16" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  environment = "dev"
  package     = "main.tf"
  image       = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/retailpulse@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

  database_sources = {
    shop = { secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:retailpulse/shop-AbCdEf" }
    till = {
      secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:retailpulse/till-AbCdEf"
      subnets    = { vpc_id = "vpc-1", subnet_ids = ["subnet-a"] }
    }
  }
  trial_database = { engine = "postgresql" }
}

run "each_source_is_pulled" {
  command = plan

  assert {
    condition = { for source, puller in output.database_sources : source => join(" ", puller.event_types) } == {
      shop = "shop_orders shop_sales_gr_e_cm shop_users"
      till = "till_stock_items"
    }
    error_message = "Rows land by other event types than the puller gives them."
  }

  assert {
    condition     = { for source, puller in output.database_sources : source => puller.state_machine.name } == { shop = "retailpulse-pull-shop", till = "retailpulse-pull-till" }
    error_message = "A source is pulled by another name."
  }

  # That of the environment's own network, and not that of the other.
  assert {
    condition     = keys(local.pullers_beside) == ["shop"]
    error_message = "The trial database lets in somebody else than the pullers beside it."
  }
}

run "a_file_without_an_entry_is_not_pulled" {
  command = plan

  variables {
    trial_database = null
    database_sources = {
      shop = { secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:retailpulse/shop-AbCdEf" }
    }
  }

  assert {
    condition     = keys(output.database_sources) == ["shop"]
    error_message = "What nobody configured is pulled."
  }
}

run "without_a_source_files_are_nothing" {
  command = plan

  variables {
    trial_database   = null
    database_sources = {}
  }

  assert {
    condition     = length(output.database_sources) == 0
    error_message = "A source is pulled that nobody configured."
  }
}

run "files_of_the_feeds_that_are_followed_are_landed" {
  command = plan

  variables {
    file_drops = { retention_days = 400 }
  }

  assert {
    condition     = output.file_drops.bucket.name == "retailpulse-${var.environment}-111122223333-drops"
    error_message = "A bucket's name is not retailpulse-<environment>-<account>-<kind>."
  }

  assert {
    condition     = sort(local.feeds) == tolist(["grocery_cart_abandonments", "grocery_order_items", "grocery_orders"])
    error_message = "A feed that dbt_project.yml disables is not landed, and each other is."
  }
}
