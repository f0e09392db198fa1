terraform {
  # 1.10 is the first with the S3 backend's own lock.
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # Exactly: there is no lock file (docs/deploy.md says why).
      version = "5.100.0"
    }
  }

  # `make deploy` names the bucket, the key and the region: they are the account's.
  backend "s3" {}
}
