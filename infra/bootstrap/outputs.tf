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
  description = "ARN of the role for plans of pull requests; null without a repository."
  value       = one([for role, made in aws_iam_role.github : made.arn if role == "plan"])
}

output "deploy_role_arn" {
  description = "ARN of the role for deployments to the environment; null without a repository."
  value       = one([for role, made in aws_iam_role.github : made.arn if role == "deploy"])
}

output "analyst_policy_arn" {
  description = "ARN of the policy for whoever reads gold and silver in Athena: attach it to their roles."
  value       = aws_iam_policy.analyst.arn
}

output "permissions_boundary_arn" {
  description = "ARN of the boundary without which the deploy role can make no role."
  value       = aws_iam_policy.boundary.arn
}
