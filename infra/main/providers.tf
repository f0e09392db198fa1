# The region and the credentials are those of the environment (AWS_REGION, AWS_PROFILE, …), and so
# are the endpoints (AWS_ENDPOINT_URL).
provider "aws" {
  skip_credentials_validation = var.emulated
  skip_metadata_api_check     = var.emulated
  skip_region_validation      = var.emulated
  s3_use_path_style           = var.emulated

  default_tags {
    tags = {
      Project     = local.name
      Environment = var.environment
      ManagedBy   = "terraform"
    }
  }
}
