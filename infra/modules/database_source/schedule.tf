resource "aws_scheduler_schedule" "this" {
  #checkov:skip=CKV_AWS_297:Scheduler's own encryption; there is no input.
  name                = local.name
  description         = "Starts a pull of ${var.source_name}"
  group_name          = var.schedule_group_name
  schedule_expression = var.schedule
  state               = var.schedule_enabled ? "ENABLED" : "DISABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sfn_state_machine.this.arn
    role_arn = aws_iam_role.scheduler.arn

    # A start that is late by more than this is worth nothing: the next is due.
    retry_policy {
      maximum_event_age_in_seconds = 300
      maximum_retry_attempts       = 5
    }
  }

  # The first start comes as soon as a schedule is made, and a pull needs all of this.
  depends_on = [
    aws_iam_role_policy.execution,
    aws_iam_role_policy.scheduler,
    aws_iam_role_policy.state_machine,
    aws_iam_role_policy.task,
    aws_vpc_security_group_egress_rule.database,
    aws_vpc_security_group_egress_rule.https,
  ]
}
