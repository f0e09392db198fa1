output "state_machine" {
  description = "The state machine of all runs; its input is {\"kind\": \"fast\"}, \"hourly\", \"daily\" or \"repair\"."
  value       = { name = aws_sfn_state_machine.this.name, arn = aws_sfn_state_machine.this.arn }
}

output "lease_table" {
  description = "The table of the lease that keeps runs apart."
  value       = { name = aws_dynamodb_table.lease.name, arn = aws_dynamodb_table.lease.arn }
}

output "cluster" {
  description = "The ECS cluster that dbt runs in."
  value       = { name = aws_ecs_cluster.this.name, arn = aws_ecs_cluster.this.arn }
}

output "task_definition" {
  description = "The task that runs dbt, with its memory in MiB; the ARN has the revision."
  value       = { family = aws_ecs_task_definition.this.family, arn = aws_ecs_task_definition.this.arn, memory_mb = var.memory }
}

output "security_group_id" {
  description = "The security group of the task, which endpoints in a network of yours let in at port 443."
  value       = aws_security_group.dbt.id
}

output "log_group_name" {
  description = "The log group of dbt's output."
  value       = aws_cloudwatch_log_group.dbt.name
}

output "network" {
  description = "Where the task runs: the VPC, its subnets, and whether a task gets a public address, without which it reaches nothing there."
  value       = { vpc_id = local.vpc_id, subnet_ids = toset(local.subnet_ids), assign_public_ip = var.subnets == null }
}

output "schedule_group_name" {
  description = "The group of EventBridge Scheduler that the schedules are in."
  value       = aws_scheduler_schedule_group.this.name
}
