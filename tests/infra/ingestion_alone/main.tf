# The modules ingestion, file_drops and monitoring alone, beside a raw bucket, on an emulated AWS.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  s3_use_path_style           = true
}

variable "package" {
  description = "Path of a package for the Python that runs the emulator."
  type        = string
}

variable "architecture" {
  description = "Lambda's name of this machine's architecture."
  type        = string
}

variable "runtime" {
  description = "Lambda's name of that Python."
  type        = string
}

resource "aws_s3_bucket" "raw" {
  bucket        = "retailpulse-raw"
  force_destroy = true
}

resource "aws_cloudwatch_log_group" "dbt" {
  name = "/retailpulse/dbt"
}

module "ingestion" {
  source = "../../../infra/modules/ingestion"

  name                = "retailpulse"
  raw_bucket          = { name = aws_s3_bucket.raw.bucket, arn = aws_s3_bucket.raw.arn }
  package             = var.package
  architecture        = var.architecture
  runtime             = var.runtime
  queue_settings      = jsondecode(file("../../../ingestion/queue_settings.json"))
  maximum_concurrency = 5
  log_retention_days  = 30
}

module "file_drops" {
  source = "../../../infra/modules/file_drops"

  name             = "retailpulse"
  environment      = "test"
  raw_bucket       = { name = aws_s3_bucket.raw.bucket, arn = aws_s3_bucket.raw.arn }
  feeds            = [for file in fileset("../../../ingestion/feeds", "*.yml") : trimsuffix(file, ".yml")]
  package          = var.package
  architecture     = var.architecture
  runtime          = var.runtime
  alerts_topic_arn = module.monitoring.topic_arn
  runbooks_url     = "https://example.com/docs/runbooks"
}

module "monitoring" {
  source = "../../../infra/modules/monitoring"

  name                     = "retailpulse"
  bus_name                 = module.ingestion.bus.name
  rule_name                = module.ingestion.rule.name
  queue_name               = module.ingestion.queue.name
  dead_letter_queue_names  = { for kind, queue in module.ingestion.dead_letter_queues : kind => queue.name }
  refused_calls_queue_name = module.ingestion.refused_calls_queue.name
  function                 = module.ingestion.function
  task                     = { log_group_name = aws_cloudwatch_log_group.dbt.name, memory_mb = 1024 }
  lakehouse_bucket_name    = "retailpulse-lakehouse"
  state_machine_arn        = "arn:aws:states:us-east-1:123456789012:stateMachine:retailpulse"
  work_group_names         = { dbt = "retailpulse" }
  thresholds               = { gold_stale_minutes = 60, bytes_scanned_per_day = { dbt = 100000000000 } }
  runbooks_url             = "https://example.com/docs/runbooks"
  alert_emails             = ["on-call@example.com"]
}

output "stack" {
  value = {
    bus                     = module.ingestion.bus.name
    queue_url               = module.ingestion.queue.url
    dead_letter_queue_urls  = { for kind, queue in module.ingestion.dead_letter_queues : kind => queue.url }
    refused_calls_queue_url = module.ingestion.refused_calls_queue.url
    raw_bucket              = aws_s3_bucket.raw.bucket
    function_name           = module.ingestion.function.name
    topic_arn               = module.monitoring.topic_arn
    drop_bucket             = module.file_drops.bucket.name
    drop_queue_url          = module.file_drops.queue.url
  }
}
