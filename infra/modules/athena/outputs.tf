output "work_groups" {
  description = "Name and ARN of the work groups of dbt and of the analysts."
  value       = { for user, work_group in aws_athena_workgroup.this : user => { name = work_group.name, arn = work_group.arn } }
}
