terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # Exactly: there is no lock file (docs/deploy.md says why).
      version = "5.100.0"
    }
  }

  # The state lives in the bucket that this makes. `make bootstrap` applies with a local state first,
  # and then migrates it there (bucket, key, region and use_lockfile come from the command line).
  backend "s3" {}
}

provider "aws" {
  skip_credentials_validation = var.emulated
  skip_metadata_api_check     = var.emulated
  skip_region_validation      = var.emulated
  s3_use_path_style           = var.emulated

  default_tags {
    tags = {
      project = var.name
      part    = "bootstrap"
    }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}
