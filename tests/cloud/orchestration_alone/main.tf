# The orchestration by itself, on an emulator: what it gets from the other modules is made up.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region                      = "eu-central-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  s3_use_path_style           = true
}

variable "alerts_topic_arn" {
  type = string
}

module "orchestration" {
  source = "../../../infra/modules/orchestration"

  name             = "retailpulse"
  environment      = "test"
  image            = "000000000000.dkr.ecr.eu-central-1.amazonaws.com/retailpulse@sha256:${sha256("image")}"
  alerts_topic_arn = var.alerts_topic_arn
  runbooks_url     = "https://example.com/runbooks"

  # The tests start the runs.
  schedules_enabled = false

  buckets = {
    for kind in ["raw", "lakehouse", "results", "artifacts", "docs"] :
    kind => { name = "retailpulse-${kind}", arn = "arn:aws:s3:::retailpulse-${kind}" }
  }
  databases = {
    for layer, name in { gold = "", raw = "_raw", staging = "_staging", silver = "_silver" } :
    layer => {
      name = "retailpulse${name}"
      arn  = "arn:aws:glue:eu-central-1:000000000000:database/retailpulse${name}"
    }
  }
  work_group = {
    name = "retailpulse"
    arn  = "arn:aws:athena:eu-central-1:000000000000:workgroup/retailpulse"
  }
}

output "orchestration" {
  value = module.orchestration
}
