output "state_machine" {
  description = "What pulls the source: name and ARN. It takes no input."
  value       = { name = aws_sfn_state_machine.this.name, arn = aws_sfn_state_machine.this.arn }
}

output "security_group_id" {
  description = "The puller's security group, which the database's lets in at its port, and endpoints at 443."
  value       = aws_security_group.this.id
}

output "log_group_name" {
  description = "The log group of the pulls."
  value       = aws_cloudwatch_log_group.this.name
}

output "alarm_names" {
  description = "Each alarm's name, by what it is about."
  value       = { for about, alarm in aws_cloudwatch_metric_alarm.this : about => alarm.alarm_name }
}
