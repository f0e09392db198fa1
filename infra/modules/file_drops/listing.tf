# A notification can be lost, and a file dropped before there was one: what nobody has told of is found.
resource "aws_scheduler_schedule" "listing" {
  #checkov:skip=CKV_AWS_297:Scheduler's own encryption; the input says nothing of a user's.
  name                = "${local.function_name}-listing"
  group_name          = var.schedule_group_name
  description         = "Looks for dropped files that no notification told of"
  schedule_expression = "rate(1 hour)"
  state               = var.schedule_enabled ? "ENABLED" : "DISABLED"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 15
  }

  target {
    arn      = aws_sqs_queue.drops.arn
    role_arn = aws_iam_role.scheduler.arn
    # As ingestion/sources/files/s3_messages.py has it.
    input = jsonencode({ list = true })

    # The next one looks as far back.
    retry_policy {
      maximum_event_age_in_seconds = 300
      maximum_retry_attempts       = 5
    }
  }

  depends_on = [aws_iam_role_policy.scheduler]
}

resource "aws_iam_role" "scheduler" {
  name                 = "${local.function_name}-scheduler"
  description          = "EventBridge Scheduler: asks for a look at dropped files"
  assume_role_policy   = data.aws_iam_policy_document.assumed_by["scheduler"].json
  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "ask-for-a-look"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    sid       = "AskForALook"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.drops.arn]
  }
}
