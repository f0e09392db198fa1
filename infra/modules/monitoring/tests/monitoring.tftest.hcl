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

  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-west-1:111122223333:rule/retailpulse-recovered" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/retailpulse-chat" }
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
  function = {
    name            = "retailpulse-ingester"
    log_group_name  = "/aws/lambda/retailpulse-ingester"
    timeout_seconds = 30
    memory_mb       = 512
  }
  task                  = { log_group_name = "/retailpulse/dbt", memory_mb = 1024 }
  lakehouse_bucket_name = "a-lakehouse"
  state_machine_arn     = "arn:aws:states:eu-west-1:111122223333:stateMachine:retailpulse"
  work_group_names      = { dbt = "retailpulse", analysts = "retailpulse-analysts" }
  alert_emails          = ["on-call@example.com"]
  thresholds            = { gold_stale_minutes = 60, bytes_scanned_per_day = { dbt = 1e11, analysts = 2e11 } }
  runbooks_url          = "https://example.com/docs/runbooks"
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
      "ingestion-slow"         = "AWS/Lambda Duration FunctionName=retailpulse-ingester"
      "ingestion-memory"       = "RetailPulse IngesterMemoryUsed"
      "dbt-memory"             = "RetailPulse DbtMemoryUsed"
      "lakehouse-size"         = "AWS/S3 BucketSizeBytes BucketName=a-lakehouse StorageType=StandardStorage"
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

run "each_alarm_tells_on_call_when_it_begins_and_links_its_runbook" {
  assert {
    condition = alltrue([
      for about, alarm in local.made :
      alarm.alarm_actions == toset([aws_sns_topic.alerts.arn]) if about != "run-failed"
    ])
    error_message = "An alarm that says nothing is no alarm."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this["run-failed"].alarm_actions) == 0
    error_message = "The state machine tells of a failed run itself: twice is once too often."
  }

  # A new alarm goes to OK as well, and would send a mail by this.
  assert {
    condition     = alltrue([for alarm in local.made : try(length(alarm.ok_actions), 0) == 0])
    error_message = "A deployment would send a mail for each new alarm."
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

run "it_is_told_when_an_alarm_is_over_and_not_that_one_is_new" {
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.recovered.event_pattern).detail == {
      alarmName     = [{ prefix = "retailpulse-" }]
      previousState = { value = ["ALARM"] }
      state         = { value = ["OK"] }
    }
    error_message = "An alarm that was not on is told as over, or one that was is not."
  }

  assert {
    condition = {
      for target in aws_cloudwatch_event_target.recovered : target.arn => jsondecode(target.input_transformer[0].input_template)
    } == { (aws_sns_topic.alerts.arn) = "RetailPulse: the alarm <alarm> is over, since <time>." }
    error_message = "On call is not told, or EventBridge cannot read what to say."
  }
}

run "limits_are_told_of_before_they_are_reached" {
  assert {
    condition = {
      for about, alarm in aws_cloudwatch_metric_alarm.this : about => alarm.threshold
      if contains(["ingestion-slow", "ingestion-memory", "dbt-memory", "lakehouse-size"], about)
    } == { "ingestion-slow" = 24000, "ingestion-memory" = 409.6, "dbt-memory" = 819.2, "lakehouse-size" = 1e12 }
    error_message = "An alarm has another limit than what it watches."
  }

  assert {
    condition = {
      for filter in aws_cloudwatch_log_metric_filter.memory : filter.log_group_name => [
        filter.pattern, filter.metric_transformation[0].value, filter.metric_transformation[0].namespace
      ]
      } == {
      "/aws/lambda/retailpulse-ingester" = ["{ $.record.metrics.maxMemoryUsedMB > 0 }", "$.record.metrics.maxMemoryUsedMB", "RetailPulse"]
      "/retailpulse/dbt"                 = ["{ $.dbt_memory_mib > 0 }", "$.dbt_memory_mib", "RetailPulse"]
    }
    error_message = "The memory that is used is read from other lines than Lambda and the container write."
  }
}

run "a_chat_shows_what_the_mails_say" {
  variables {
    slack_channel            = { workspace_id = "T012ABC", channel_id = "C345DEF" }
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/bootstrap/retailpulse-boundary"
  }

  override_resource {
    target = aws_sns_topic.chat
    values = { arn = "arn:aws:sns:eu-west-1:111122223333:retailpulse-chat" }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["run-failed"].alarm_actions == toset([aws_sns_topic.chat[0].arn])
    error_message = "The state machine's mail is plain text, which the chat does not show."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_target.recovered["chat"].input_transformer[0].input_template).source == "custom" && aws_cloudwatch_event_target.recovered["chat"].arn == aws_sns_topic.chat[0].arn
    error_message = "The chat shows a text of ours in this form only."
  }

  assert {
    condition     = length(aws_chatbot_slack_channel_configuration.this[0].sns_topic_arns) == 2 && aws_chatbot_slack_channel_configuration.this[0].guardrail_policy_arns == tolist(["arn:aws:iam::aws:policy/AWSDenyAll"])
    error_message = "The channel misses a topic, or may ask AWS for something."
  }

  assert {
    condition     = aws_iam_role.chat[0].permissions_boundary == var.permissions_boundary_arn
    error_message = "The role that deploys can make none without the boundary."
  }
}

run "nobody_is_asked_to_have_a_chat_or_a_budget" {
  assert {
    condition     = length(aws_chatbot_slack_channel_configuration.this) + length(aws_sns_topic.chat) + length(aws_iam_role.chat) + length(aws_budgets_budget.month) == 0
    error_message = "They are made without being asked for."
  }
}

run "a_budget_tells_the_topic" {
  variables {
    monthly_budget_usd = 150
  }

  assert {
    condition = {
      for notification in aws_budgets_budget.month[0].notification : notification.notification_type => [
        notification.threshold, one(notification.subscriber_sns_topic_arns)
      ]
    } == { ACTUAL = [80, aws_sns_topic_policy.alerts.arn], FORECASTED = [100, aws_sns_topic_policy.alerts.arn] }
    error_message = "Nobody is told, or too late."
  }
}

run "only_silence_about_runs_is_alarming" {
  assert {
    condition = {
      for about, alarm in aws_cloudwatch_metric_alarm.this : about => alarm.treat_missing_data if alarm.treat_missing_data != "notBreaching"
    } == { "gold-stale" = "breaching", "lakehouse-size" = "ignore" }
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

run "only_this_account_publishes_and_only_with_tls" {
  assert {
    condition = {
      for statement in data.aws_iam_policy_document.topic["alerts"].statement : one(one(statement.principals).identifiers) => {
        for condition in statement.condition : condition.variable => one(condition.values)
      } if statement.effect != "Deny"
      } == {
      "cloudwatch.amazonaws.com" = { "aws:SourceAccount" = "111122223333", "aws:SourceArn" = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:retailpulse-*" }
      "events.amazonaws.com"     = { "aws:SourceAccount" = "111122223333", "aws:SourceArn" = "arn:aws:events:eu-west-1:111122223333:rule/retailpulse-recovered" }
      "budgets.amazonaws.com"    = { "aws:SourceAccount" = "111122223333", "aws:SourceArn" = "arn:aws:budgets::111122223333:*" }
    }
    error_message = "Somebody else could send alerts."
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.topic["alerts"].statement : one(statement.condition).variable if statement.effect == "Deny"]) == "aws:SecureTransport"
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

    slack_channel      = { workspace_id = "retail", channel_id = "#alerts" }
    monthly_budget_usd = 0
  }

  expect_failures = [var.name, var.alert_emails, var.runbooks_url, var.thresholds, var.slack_channel, var.monthly_budget_usd]
}

run "a_work_group_without_a_budget_is_refused" {
  command = plan

  variables {
    thresholds = { gold_stale_minutes = 60, bytes_scanned_per_day = { dbt = 1e11 } }
  }

  expect_failures = [var.thresholds]
}
