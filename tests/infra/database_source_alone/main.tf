# The module database_source alone, beside what it is given, on an emulated AWS.

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

variable "image" {
  description = "The image, which nobody fetches here."
  type        = string
}

variable "address" {
  description = "The database's address."
  type        = string
  sensitive   = true
}

resource "aws_s3_bucket" "raw" {
  bucket        = "retailpulse-raw"
  force_destroy = true
}

module "catalog" {
  source = "../../../infra/modules/catalog"

  name               = "retailpulse"
  raw_bucket         = aws_s3_bucket.raw.bucket
  event_types        = ["shop_users"]
  first_day          = "2026-01-01"
  raw_table_template = "${path.module}/../../../ingestion/raw_events_table.json.tftpl"
}

resource "aws_secretsmanager_secret" "shop" {
  name = "retailpulse/shop"
}

resource "aws_secretsmanager_secret_version" "shop" {
  secret_id     = aws_secretsmanager_secret.shop.id
  secret_string = var.address
}

resource "aws_dynamodb_table" "lease" {
  name         = "retailpulse-lease"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "lease"

  attribute {
    name = "lease"
    type = "S"
  }
}

resource "aws_ecs_cluster" "this" {
  name = "retailpulse"
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}

resource "aws_scheduler_schedule_group" "this" {
  name = "retailpulse"
}

resource "aws_sns_topic" "alerts" {
  name = "retailpulse-alerts"
}

resource "aws_vpc" "this" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "this" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.1.0.0/24"
}

module "source" {
  source = "../../../infra/modules/database_source"

  name                = "retailpulse"
  source_name         = "shop"
  connection          = "SHOP_DATABASE_URL"
  event_types         = ["shop_users"]
  secret              = { arn = aws_secretsmanager_secret.shop.arn }
  database            = { port = 5432 }
  network             = { vpc_id = aws_vpc.this.id, subnet_ids = [aws_subnet.this.id], assign_public_ip = false }
  image               = var.image
  cluster             = { name = aws_ecs_cluster.this.name, arn = aws_ecs_cluster.this.arn }
  lease_table         = { name = aws_dynamodb_table.lease.name, arn = aws_dynamodb_table.lease.arn }
  schedule_group_name = aws_scheduler_schedule_group.this.name
  raw_bucket          = { name = aws_s3_bucket.raw.bucket, arn = aws_s3_bucket.raw.arn }
  raw_table           = { database = module.catalog.databases["raw"].name, name = module.catalog.raw_table.name }
  # Pulls start when a test starts them.
  schedule_enabled = false
  alerts_topic_arn = aws_sns_topic.alerts.arn
  runbooks_url     = "docs/runbooks"
}

output "source" {
  value = {
    state_machine_arn = module.source.state_machine.arn
    alarm_names       = module.source.alarm_names
    lease_table       = aws_dynamodb_table.lease.name
    cluster           = aws_ecs_cluster.this.arn
    bucket            = aws_s3_bucket.raw.bucket
  }
}
