output "topic_arn" {
  description = "The topic that every alert goes to."
  # Whoever publishes or subscribes finds the policy in force.
  value = aws_sns_topic_policy.alerts.arn
}

output "dashboard_name" {
  description = "The dashboard of the road from the bus to Athena."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "alarm_names" {
  description = "Each alarm's name, by what it is about."
  value       = { for about, alarm in local.made : about => alarm.alarm_name }
}
