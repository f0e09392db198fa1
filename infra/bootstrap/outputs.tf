output "state_bucket" {
  description = "Name and ARN of the bucket for Terraform's state. The README has the keys."
  value       = { name = aws_s3_bucket.state.bucket, arn = aws_s3_bucket.state.arn }
}

output "repository" {
  description = "Name, address and ARN of the repository for dbt's image."
  value = {
    name = aws_ecr_repository.this.name
    url  = aws_ecr_repository.this.repository_url
    arn  = aws_ecr_repository.this.arn
  }
}

output "plan_role_arn" {
  description = "ARN of the role for plans of pull requests."
  value       = aws_iam_role.github["plan"].arn
}

output "deploy_role_arn" {
  description = "ARN of the role for deployments to the environment."
  value       = aws_iam_role.github["deploy"].arn
}

output "permissions_boundary_arn" {
  description = "ARN of the boundary without which the deploy role can make no role."
  value       = aws_iam_policy.boundary.arn
}
