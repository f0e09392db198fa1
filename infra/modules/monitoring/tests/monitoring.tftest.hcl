mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:111122223333:retailpulse-alerts" }
  }

  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:mocked" }
  }
}

variables {
  name       = "retailpulse"
  bus_name   = "retailpulse-bus"
  rule_name  = "retailpulse-every-event"
  queue_name = "retailpulse-ingestion"
  dead_letter_queue_names = {
    ingestion = "retailpulse-ingestion-dead-letters"
    rule      = "retailpulse-rule-dead-letters"
  }
  refused_calls_queue_name = "retailpulse-refused-calls"
  function_name            = "retailpulse-ingester"
  state_machine_arn        = "arn:aws:states:eu-west-1:111122223333:stateMachine:retailpulse"
  work_group_names         = { dbt = "retailpulse", analysts = "retailpulse-analysts" }
  alert_emails             = ["on-call@example.com"]
  thresholds               = { gold_stale_minutes = 60, bytes_scanned_per_day = { dbt = 1e11, analysts = 2e11 } }
  runbooks_url             = "https://example.com/docs/runbooks"
}

run "each_alarm_watches_exactly_one_metric" {
  # A dimension too many or too few is a metric that never has data, and an alarm that is silent.
  assert {
    condition = {
      for about, alarm in aws_cloudwatch_metric_alarm.this :
      about => join(" ", concat([alarm.namespace, alarm.metric_name], [for name, value in alarm.dimensions : "${name}=${value}"]))
      } == {
      "ingestion-dead-letters" = "AWS/SQS ApproximateNumberOfMessagesVisible QueueName=retailpulse-ingestion-dead-letters"
      "rule-dead-letters"      = "AWS/SQS ApproximateNumberOfMessagesVisible QueueName=retailpulse-rule-dead-letters"
      "failed-deliveries"      = "AWS/Events FailedInvocations EventBusName=retailpulse-bus RuleName=retailpulse-every-event"
      "lost-deliveries"        = "AWS/Events InvocationsFailedToBeSentToDlq EventBusName=retailpulse-bus RuleName=retailpulse-every-event"
      "ingestion-crashes"      = "AWS/Lambda Errors FunctionName=retailpulse-ingester"
      "ingestion-errors"       = "RetailPulse EventsFailed service=ingester"
      "ingestion-throttles"    = "AWS/Lambda Throttles FunctionName=retailpulse-ingester"
      "ingestion-delay"        = "AWS/SQS ApproximateAgeOfOldestMessage QueueName=retailpulse-ingestion"
      "refused-calls"          = "AWS/SQS ApproximateNumberOfMessagesVisible QueueName=retailpulse-refused-calls"
      "lost-calls"             = "AWS/Lambda DestinationDeliveryFailures FunctionName=retailpulse-ingester"
      "run-failed"             = "RetailPulse RunsFailed"
      "execution-aborted"      = "AWS/States ExecutionsAborted StateMachineArn=arn:aws:states:eu-west-1:111122223333:stateMachine:retailpulse"
      "gold-stale"             = "RetailPulse RunsSucceeded Run=fast"
      "dbt-bytes-scanned"      = "AWS/Athena ProcessedBytes WorkGroup=retailpulse"
      "analysts-bytes-scanned" = "AWS/Athena ProcessedBytes WorkGroup=retailpulse-analysts"
    }
    error_message = "An alarm watches something else than it says."
  }

  assert {
    condition = {
      for query in aws_cloudwatch_metric_alarm.untold.metric_query :
      query.id => join(" ", concat([for metric in query.metric : "${metric.namespace} ${metric.metric_name} ${metric.stat}"], compact([query.expression])))
      } == {
      failed = "AWS/States ExecutionsFailed Sum"
      told   = "RetailPulse RunsFailed Sum"
      untold = "FILL(failed, 0) - FILL(told, 0)"
    }
    error_message = "What the state machine told of is not taken off what failed."
  }
}

run "each_alarm_tells_on_call_of_its_beginning_and_end_and_links_its_runbook" {
  assert {
    condition = alltrue([
      for about, alarm in local.made :
      alarm.alarm_actions == toset([aws_sns_topic.alerts.arn]) && alarm.ok_actions == toset([aws_sns_topic.alerts.arn])
      if about != "run-failed"
    ])
    error_message = "An alarm that says nothing is no alarm."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this["run-failed"].alarm_actions) + length(aws_cloudwatch_metric_alarm.this["run-failed"].ok_actions) == 0
    error_message = "The state machine tells of a failed run itself: twice is once too often."
  }

  assert {
    condition = alltrue([
      for about, alarm in local.made :
      alarm.alarm_name == "retailpulse-${about}"
      && can(regex("^[A-Z][^.]+\\. Runbook: https://example\\.com/docs/runbooks/[a-z-]+\\.md$", alarm.alarm_description))
    ])
    error_message = "A description is one sentence and the address of the runbook."
  }
}

run "only_silence_about_runs_is_alarming" {
  assert {
    condition     = [for about, alarm in aws_cloudwatch_metric_alarm.this : about if alarm.treat_missing_data != "notBreaching"] == ["gold-stale"]
    error_message = "Metrics that count failures have no data while there are none."
  }

  # A period of an hour would be an alarm that is hours late.
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["gold-stale"].treat_missing_data == "breaching"
      && aws_cloudwatch_metric_alarm.this["gold-stale"].period * aws_cloudwatch_metric_alarm.this["gold-stale"].evaluation_periods == 3600
      && aws_cloudwatch_metric_alarm.this["gold-stale"].period == 300
    )
    error_message = "Gold is stale where no run has succeeded for an hour, or ever."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["analysts-bytes-scanned"].threshold == 2e11 && aws_cloudwatch_metric_alarm.this["analysts-bytes-scanned"].period == 86400
    error_message = "Each work group has its own budget for a day."
  }
}

run "where_nothing_is_scheduled_gold_may_be_old" {
  variables {
    thresholds = { gold_stale_minutes = null, bytes_scanned_per_day = { dbt = 1e11, analysts = 1e11 } }
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.this), "gold-stale")
    error_message = "The alarm would never end."
  }
}

run "only_alarms_of_this_account_publish_and_only_with_tls" {
  assert {
    condition = {
      for condition in data.aws_iam_policy_document.alerts.statement[0].condition : condition.variable => condition.values
      } == {
      "aws:SourceAccount" = tolist(["111122223333"])
      "aws:SourceArn"     = tolist(["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:retailpulse-*"])
    }
    error_message = "An alarm of another account could send alerts."
  }

  assert {
    condition     = data.aws_iam_policy_document.alerts.statement[1].effect == "Deny" && one(data.aws_iam_policy_document.alerts.statement[1].condition).variable == "aws:SecureTransport"
    error_message = "The topic denies what comes without TLS."
  }

  assert {
    condition     = keys(aws_sns_topic_subscription.email) == ["on-call@example.com"]
    error_message = "Each address gets the alerts."
  }
}

run "the_dashboard_shows_the_road_from_left_to_right" {
  assert {
    condition = [
      for widget in sort([
        for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets :
        format("%02d %s", widget.x, split("\n", widget.properties.markdown)[0]) if widget.type == "text"
      ]) : widget
    ] == ["00 ## 1. Bus", "04 ## 2. Queue", "08 ## 3. Ingester", "12 ## 4. Raw zone", "16 ## 5. dbt runs", "20 ## 6. Athena"]
    error_message = "The stops are in the order in which an event travels, and fill the 24 columns."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    name         = "r"
    alert_emails = ["on-call"]
    runbooks_url = "https://example.com/docs/runbooks/"
    thresholds   = { gold_stale_minutes = 61, oldest_message_seconds = 0, bytes_scanned_per_day = { dbt = 0, analysts = 1 } }
  }

  expect_failures = [var.name, var.alert_emails, var.runbooks_url, var.thresholds]
}

run "a_work_group_without_a_budget_is_refused" {
  command = plan

  variables {
    thresholds = { gold_stale_minutes = 60, bytes_scanned_per_day = { dbt = 1e11 } }
  }

  expect_failures = [var.thresholds]
}
