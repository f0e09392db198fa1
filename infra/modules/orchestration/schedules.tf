locals {
  kinds = toset(["fast", "hourly", "daily"])
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
}

resource "aws_scheduler_schedule" "this" {
  #checkov:skip=CKV_AWS_297:Scheduler's own encryption; the input is a word.
  for_each = local.kinds

  name                = "${var.name}-${each.key}"
  description         = "Starts the ${each.key} run of dbt"
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = var.schedules[each.key]
  state               = var.schedules_enabled ? "ENABLED" : "DISABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sfn_state_machine.this.arn
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({ kind = each.key })

    # A start that is late by more than this is worth nothing: the next is due.
    retry_policy {
      maximum_event_age_in_seconds = 300
      maximum_retry_attempts       = 5
    }
  }

  # The first start comes as soon as a schedule is made, and a run needs all of this.
  depends_on = [
    aws_iam_role_policy.execution,
    aws_iam_role_policy.scheduler,
    aws_iam_role_policy.state_machine,
    aws_iam_role_policy.task,
    aws_route_table_association.public,
    aws_vpc_endpoint.s3,
    aws_vpc_security_group_egress_rule.https,
  ]
}
