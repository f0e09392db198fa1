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

  mock_resource "aws_s3_bucket" {
    defaults = { id = "drops", arn = "arn:aws:s3:::drops" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:111122223333:mocked", url = "https://sqs.eu-west-1.amazonaws.com/111122223333/mocked" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/retailpulse-file-drops" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:111122223333:function:retailpulse-file-drops" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/retailpulse-file-drops" }
  }
}

variables {
  name        = "retailpulse"
  environment = "dev"
  raw_bucket  = { name = "raw", arn = "arn:aws:s3:::raw" }
  feeds       = ["grocery_orders", "grocery_cart_abandonments"]
  # Any file will do: nothing opens it as a zip.
  package          = "versions.tf"
  architecture     = "arm64"
  runtime          = "python3.13"
  alerts_topic_arn = "arn:aws:sns:eu-west-1:111122223333:retailpulse-alerts"
  runbooks_url     = "docs/runbooks"
}

run "a_dropped_file_is_told_of_and_no_other" {
  assert {
    condition     = one(aws_s3_bucket_notification.drops.queue).filter_prefix == "drop/" && one(aws_s3_bucket_notification.drops.queue).events == toset(["s3:ObjectCreated:*"])
    error_message = "What the function itself writes must not be told of: it would be read as a file."
  }

  assert {
    condition     = aws_s3_bucket_versioning.drops.versioning_configuration[0].status == "Enabled"
    error_message = "A file that is written over before it has landed would be lost."
  }

  assert {
    condition     = jsondecode(aws_scheduler_schedule.listing.target[0].input) == { list = true } && aws_scheduler_schedule.listing.state == "ENABLED"
    error_message = "Files whose notification was lost are looked for."
  }
}

run "a_queue_outlasts_its_function" {
  assert {
    condition     = aws_sqs_queue.drops.visibility_timeout_seconds == 1800 && aws_lambda_function.drops.timeout == 300
    error_message = "A message is handed out again after six of the function's timeouts."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.queue.function_response_types == toset(["ReportBatchItemFailures"]) && aws_lambda_event_source_mapping.queue.batch_size == 1
    error_message = "A file has an invocation of its own."
  }

  assert {
    condition     = aws_lambda_function_recursion_config.drops.recursive_loop == "Allow"
    error_message = "Lambda would stop a file that takes more than 16 invocations."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.dead_letters.redrive_allow_policy).sourceQueueArns == ["arn:aws:sqs:eu-west-1:111122223333:retailpulse-file-drops"]
    error_message = "Dead letters name the queue that they come home to."
  }
}

run "the_function_may_do_its_work_and_nothing_else" {
  assert {
    condition = jsonencode({
      for statement in data.aws_iam_policy_document.function.statement : statement.sid => [sort(statement.actions), sort(statement.resources)]
      if contains(["ReadFilesAndTagThem", "TellOfFiles", "LandRows", "KeepStates"], statement.sid)
      }) == jsonencode({
      ReadFilesAndTagThem = [["s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"], ["arn:aws:s3:::drops/drop/*"]]
      TellOfFiles         = [["s3:PutObject"], ["arn:aws:s3:::drops/manifests/*", "arn:aws:s3:::drops/rejected/*"]]
      LandRows = [["s3:PutObject"], [
        "arn:aws:s3:::raw/events/event_type=grocery_cart_abandonments/*",
        "arn:aws:s3:::raw/events/event_type=grocery_orders/*",
        "arn:aws:s3:::raw/events/event_type=unknown/*",
        "arn:aws:s3:::raw/oversized/*",
      ]]
      KeepStates = [["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::raw/files/*"]]
    })
    error_message = "The function's role allows what the function does, and nowhere else."
  }

  assert {
    condition     = aws_lambda_function.drops.environment[0].variables.FEEDS == "grocery_cart_abandonments,grocery_orders"
    error_message = "The function is told which feeds are followed."
  }
}

run "a_file_starts_a_run_where_that_is_asked" {
  variables {
    state_machine_arn = "arn:aws:states:eu-west-1:111122223333:stateMachine:retailpulse"
  }

  assert {
    condition     = aws_lambda_function.drops.environment[0].variables.STATE_MACHINE_ARN == var.state_machine_arn
    error_message = "The function is told what starts runs."
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.function.statement : one(statement.resources) if statement.sid == "StartRuns"] == [var.state_machine_arn]
    error_message = "The function may start runs of dbt, and nothing else."
  }
}

run "only_the_bucket_may_send_and_only_with_tls" {
  assert {
    condition = anytrue([
      for statement in data.aws_iam_policy_document.queue["drops"].statement :
      one(statement.principals).identifiers == toset(["s3.amazonaws.com"]) && statement.actions == toset(["sqs:SendMessage"]) && length(statement.condition) == 2
    ])
    error_message = "The bucket, and no other, may send to the queue."
  }

  assert {
    condition     = alltrue([for document in concat(values(data.aws_iam_policy_document.queue), [data.aws_iam_policy_document.tls_only]) : anytrue([for statement in document.statement : statement.sid == "DenyWithoutTls"])])
    error_message = "Nothing comes in without TLS."
  }
}

run "what_has_landed_is_archived_and_kept" {
  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.drops.rule : rule.id] == ["abort-unfinished-uploads", "delete-lonely-markers", "archive-landed"]
    error_message = "Without retention_days nothing is deleted."
  }
}

run "what_has_landed_is_deleted_where_that_is_asked" {
  variables {
    retention_days = 365
  }

  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.drops.rule : [rule.filter[0].tag[0].key, rule.filter[0].tag[0].value, rule.expiration[0].days] if rule.id == "delete-landed"
    ] == [["retailpulse", "landed", 365]]
    error_message = "What could not be read is never deleted."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    name                      = "RetailPulse"
    environment               = "Development"
    feeds                     = ["Orders"]
    package                   = "dist/none.zip"
    architecture              = "aarch64"
    runtime                   = "nodejs22.x"
    memory_mb                 = 128
    timeout_seconds           = 60
    maximum_concurrency       = 1
    maximum_receive_count     = 1
    message_retention_seconds = 60
    archive_after_days        = 0
  }

  expect_failures = [
    var.name,
    var.environment,
    var.feeds,
    var.package,
    var.architecture,
    var.runtime,
    var.memory_mb,
    var.timeout_seconds,
    var.maximum_concurrency,
    var.maximum_receive_count,
    var.message_retention_seconds,
    var.archive_after_days,
  ]
}

run "deleting_before_archiving_is_refused" {
  command = plan

  variables {
    retention_days = 30
  }

  expect_failures = [var.retention_days]
}
