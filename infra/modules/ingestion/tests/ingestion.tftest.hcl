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

  mock_resource "aws_cloudwatch_event_bus" {
    defaults = { arn = "arn:aws:events:eu-west-1:111122223333:event-bus/retailpulse-bus" }
  }

  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:eu-west-1:111122223333:rule/retailpulse-bus/retailpulse-every-event" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:111122223333:mocked" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/retailpulse-ingester" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:111122223333:function:retailpulse-ingester" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/retailpulse-ingester" }
  }
}

# Told apart from the other queues, which have one ARN here.
override_resource {
  target = aws_sqs_queue.refused_calls
  values = { arn = "arn:aws:sqs:eu-west-1:111122223333:retailpulse-refused-calls" }
}

variables {
  name       = "retailpulse"
  raw_bucket = { name = "raw", arn = "arn:aws:s3:::raw" }
  # Any file will do: nothing opens it as a zip.
  package      = "versions.tf"
  architecture = "arm64"
  runtime      = "python3.13"
  queue_settings = {
    function_timeout_seconds        = 30
    visibility_timeout_seconds      = 240
    maximum_receive_count           = 60
    batch_size                      = 1000
    maximum_batching_window_seconds = 60
    message_retention_seconds       = 1209600
  }
  maximum_concurrency = 5
  log_retention_days  = 30
}

run "every_event_of_the_bus_goes_to_the_queue" {
  assert {
    condition     = output.bus.name == "retailpulse-bus"
    error_message = "Producers send to retailpulse-bus."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.every_event.event_pattern) == { source = [{ prefix = "" }] }
    error_message = "The rule must look at nothing that only some events have."
  }

  assert {
    condition     = aws_cloudwatch_event_target.queue.arn == aws_sqs_queue.ingestion.arn && length(aws_cloudwatch_event_target.queue.dead_letter_config) == 1
    error_message = "What the queue does not take goes to the rule's dead letters."
  }

  assert {
    condition     = aws_cloudwatch_event_archive.this.event_source_arn == aws_cloudwatch_event_bus.this.arn && aws_cloudwatch_event_archive.this.event_pattern == null
    error_message = "The archive must keep every event of the bus."
  }
}

run "an_outage_of_storage_is_outlasted" {
  assert {
    condition     = jsondecode(aws_sqs_queue.ingestion.redrive_policy).maxReceiveCount == 60 && aws_sqs_queue.ingestion.visibility_timeout_seconds == 240
    error_message = "The queue must have the settings that it was given."
  }

  assert {
    condition     = alltrue([for queue in [aws_sqs_queue.ingestion, aws_sqs_queue.ingestion_dead_letters, aws_sqs_queue.rule_dead_letters, aws_sqs_queue.refused_calls] : queue.message_retention_seconds == 1209600 && queue.sqs_managed_sse_enabled])
    error_message = "Every queue keeps its messages for 14 days, encrypted."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.queue.function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "Only the messages that failed may be delivered again."
  }

  assert {
    condition     = aws_lambda_function.ingester.reserved_concurrent_executions == -1
    error_message = "Without reserved_concurrency nothing is reserved, and the function is not stopped."
  }
}

run "dead_letters_name_their_home" {
  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.ingestion_dead_letters, aws_sqs_queue.rule_dead_letters] :
      jsondecode(queue.redrive_allow_policy).sourceQueueArns == ["arn:aws:sqs:eu-west-1:111122223333:retailpulse-ingestion"]
    ])
    error_message = "retailpulse redrive brings dead letters to the queue that this policy names."
  }
}

run "what_the_function_refuses_is_kept" {
  assert {
    condition     = one(one(aws_lambda_function_event_invoke_config.ingester.destination_config).on_failure).destination == "arn:aws:sqs:eu-west-1:111122223333:retailpulse-refused-calls"
    error_message = "An asynchronous call that fails must be kept, and not among the dead letters."
  }

  assert {
    condition     = toset(flatten([for statement in data.aws_iam_policy_document.ingester.statement : statement.resources if contains(statement.actions, "sqs:SendMessage")])) == toset(["arn:aws:sqs:eu-west-1:111122223333:retailpulse-refused-calls"])
    error_message = "Lambda sends to the destination as the function's role, which may send nowhere else."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.ingester.maximum_retry_attempts == 0
    error_message = "What is refused once is refused again: it must not be tried again."
  }
}

run "only_the_rule_may_send_and_only_with_tls" {
  assert {
    condition = alltrue([
      for kind in ["ingestion", "rule_dead_letters"] : anytrue([
        for statement in data.aws_iam_policy_document.queue[kind].statement :
        statement.actions == toset(["sqs:SendMessage"])
        && one(statement.condition).variable == "aws:SourceArn"
        && one(statement.condition).values == tolist([aws_cloudwatch_event_rule.every_event.arn])
      ])
    ])
    error_message = "The rule, and no other, may send to the queue and to its own dead letters."
  }

  assert {
    condition = alltrue([
      for document in data.aws_iam_policy_document.queue : anytrue([
        for statement in document.statement :
        statement.effect == "Deny" && one(statement.condition).variable == "aws:SecureTransport"
      ])
    ])
    error_message = "Every queue denies what comes without TLS."
  }

  assert {
    condition     = alltrue([for kind in ["ingestion_dead_letters", "refused_calls"] : length(data.aws_iam_policy_document.queue[kind].statement) == 1])
    error_message = "Nobody needs to be allowed to send to the queue's dead letters, or refused calls."
  }
}

run "without_other_accounts_the_bus_has_no_policy" {
  assert {
    condition     = length(aws_cloudwatch_event_bus_policy.producers) == 0 && length(data.aws_iam_policy_document.queue["ingestion"].statement) == 2
    error_message = "Somebody of another account may send."
  }
}

run "producers_of_other_accounts_may_send_and_do_nothing_else" {
  variables {
    producer_account_ids = ["222233334444", "555566667777"]
  }

  assert {
    condition = {
      for statement in concat(data.aws_iam_policy_document.producers.statement, data.aws_iam_policy_document.queue["ingestion"].statement) :
      one(statement.actions) => [one(statement.resources), sort(one(statement.principals).identifiers), length(statement.condition)] if statement.sid == "SendByProducers"
      } == {
      "events:PutEvents" = ["arn:aws:events:eu-west-1:111122223333:event-bus/retailpulse-bus", tolist(["arn:aws:iam::222233334444:root", "arn:aws:iam::555566667777:root"]), 0]
      "sqs:SendMessage"  = ["arn:aws:sqs:eu-west-1:111122223333:retailpulse-ingestion", tolist(["arn:aws:iam::222233334444:root", "arn:aws:iam::555566667777:root"]), 0]
    }
    error_message = "These accounts, exactly, may send to the bus and to the queue."
  }

  assert {
    condition     = length(aws_cloudwatch_event_bus_policy.producers) == 1
    error_message = "The bus does not have the policy."
  }

  assert {
    condition = alltrue([
      for kind in ["ingestion_dead_letters", "rule_dead_letters"] :
      !contains(data.aws_iam_policy_document.queue[kind].statement[*].sid, "SendByProducers")
    ])
    error_message = "A producer could send to dead letters."
  }
}

run "the_function_may_do_its_work_and_nothing_else" {
  assert {
    condition     = toset(flatten(data.aws_iam_policy_document.ingester.statement[*].actions)) == toset(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage", "s3:PutObject", "logs:CreateLogStream", "logs:PutLogEvents"])
    error_message = "The function's role allows exactly what the function does."
  }

  assert {
    condition     = toset(flatten([for statement in data.aws_iam_policy_document.ingester.statement : statement.resources if contains(statement.actions, "s3:PutObject")])) == toset(["arn:aws:s3:::raw/events/*", "arn:aws:s3:::raw/oversized/*"])
    error_message = "The function writes under events/ and oversized/ alone."
  }

  assert {
    condition     = aws_lambda_function.ingester.environment[0].variables == tomap({ RAW_BUCKET = "raw" })
    error_message = "The function is told the raw bucket."
  }
}

run "a_visibility_timeout_below_six_timeouts_is_refused" {
  command = plan

  variables {
    queue_settings = {
      function_timeout_seconds        = 31
      visibility_timeout_seconds      = 240
      maximum_receive_count           = 60
      batch_size                      = 1000
      maximum_batching_window_seconds = 60
      message_retention_seconds       = 1209600
    }
  }

  expect_failures = [var.queue_settings]
}

run "receives_that_end_within_an_hour_are_refused" {
  command = plan

  variables {
    queue_settings = {
      function_timeout_seconds        = 30
      visibility_timeout_seconds      = 240
      maximum_receive_count           = 14
      batch_size                      = 1000
      maximum_batching_window_seconds = 60
      message_retention_seconds       = 1209600
    }
  }

  expect_failures = [var.queue_settings]
}

run "messages_that_expire_before_they_are_dead_letters_are_refused" {
  command = plan

  variables {
    queue_settings = {
      function_timeout_seconds        = 30
      visibility_timeout_seconds      = 240
      maximum_receive_count           = 60
      batch_size                      = 1000
      maximum_batching_window_seconds = 60
      message_retention_seconds       = 10800
    }
  }

  expect_failures = [var.queue_settings]
}

run "fewer_reserved_executions_than_the_queue_uses_are_refused" {
  command = plan

  variables {
    reserved_concurrency = 4
  }

  expect_failures = [var.reserved_concurrency]
}

run "a_missing_package_is_refused" {
  command = plan

  variables {
    package = "dist/none.zip"
  }

  expect_failures = [var.package]
}

run "other_wrong_values_are_refused" {
  command = plan

  variables {
    name                   = "RetailPulse"
    architecture           = "aarch64"
    runtime                = "nodejs22.x"
    maximum_concurrency    = 1
    memory_mb              = 64
    producer_account_ids   = ["*"]
    log_retention_days     = 31
    archive_retention_days = 0
  }

  expect_failures = [
    var.name,
    var.architecture,
    var.runtime,
    var.maximum_concurrency,
    var.memory_mb,
    var.producer_account_ids,
    var.log_retention_days,
    var.archive_retention_days,
  ]
}
