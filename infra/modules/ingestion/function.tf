locals {
  function_name = "${var.name}-ingester"

  # What ingestion/landing.py and ingestion/envelope.py write.
  written_prefixes = ["events", "oversized"]
}

resource "aws_lambda_function" "ingester" {
  # checkov:skip=CKV_AWS_50:X-Ray is off: the road is seen in metrics and logs, and a trace of every batch is billed
  # checkov:skip=CKV_AWS_115:reserved_concurrency is a variable: an account with a new one's quota can reserve none, and the queue's maximum concurrency bounds the function
  # checkov:skip=CKV_AWS_116:Of an asynchronous call that fails, the on-failure destination keeps the event and the error, where a function's dead-letter queue would keep the event alone
  # checkov:skip=CKV_AWS_117:It needs S3 alone, over TLS by IAM; a VPC would add endpoints to pay for and no protection
  # checkov:skip=CKV_AWS_173:The environment holds a bucket's name and no secret
  # checkov:skip=CKV_AWS_272:The zip is built by this repository from wheels pinned by hash; signing needs a profile of the account
  function_name                  = local.function_name
  description                    = "From the ingestion queue to the raw zone"
  role                           = aws_iam_role.ingester.arn
  handler                        = "ingestion.sources.sqs_handler.handler"
  filename                       = var.package
  source_code_hash               = filebase64sha256(var.package)
  architectures                  = [var.architecture]
  runtime                        = var.runtime
  memory_size                    = var.memory_mb
  timeout                        = var.queue_settings.function_timeout_seconds
  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1)

  environment {
    variables = {
      RAW_BUCKET = var.raw_bucket.name
    }
  }

  logging_config {
    log_group  = aws_cloudwatch_log_group.ingester.name
    log_format = "JSON"
    # Metrics are log lines without a level, which Lambda takes for INFO.
    application_log_level = "INFO"
    system_log_level      = "INFO"
  }

  # A function that starts without its permissions fails its first batches.
  depends_on = [aws_iam_role_policy.ingester]
}

resource "aws_lambda_event_source_mapping" "queue" {
  event_source_arn                   = aws_sqs_queue.ingestion.arn
  function_name                      = aws_lambda_function.ingester.arn
  batch_size                         = var.queue_settings.batch_size
  maximum_batching_window_in_seconds = var.queue_settings.maximum_batching_window_seconds
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.maximum_concurrency
  }
}

# Only the queue is meant to call the function. What S3, SNS, EventBridge or a person call it with
# asynchronously it refuses, the second time as the first, and Lambda keeps it here with the error.
resource "aws_lambda_function_event_invoke_config" "ingester" {
  function_name                = aws_lambda_function.ingester.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 21600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.refused_calls.arn
    }
  }
}

resource "aws_cloudwatch_log_group" "ingester" {
  # checkov:skip=CKV_AWS_158:Encrypted by a key of CloudWatch's; the log holds counts and ids, never a payload
  # checkov:skip=CKV_AWS_338:The retention is a variable; what must be kept for years is the raw zone, not this log
  name              = "/aws/lambda/${local.function_name}"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "ingester" {
  name                 = local.function_name
  description          = "What the function from the ingestion queue to the raw zone may do"
  assume_role_policy   = data.aws_iam_policy_document.assumed_by_lambda.json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "assumed_by_lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "ingester" {
  name   = "ingester"
  role   = aws_iam_role.ingester.id
  policy = data.aws_iam_policy_document.ingester.json
}

data "aws_iam_policy_document" "ingester" {
  statement {
    sid     = "TakeFromTheQueue"
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]

    resources = [aws_sqs_queue.ingestion.arn]
  }

  # Lambda sends to a function's destination as the function's role
  # (docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html).
  statement {
    sid     = "KeepRefusedCalls"
    actions = ["sqs:SendMessage"]

    resources = [aws_sqs_queue.refused_calls.arn]
  }

  statement {
    sid     = "PutIntoTheRawZone"
    actions = ["s3:PutObject"]

    # Keys end in the batch's or the body's own id.
    resources = [for prefix in local.written_prefixes : "${var.raw_bucket.arn}/${prefix}/*"]
  }

  statement {
    sid     = "WriteItsLog"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]

    # Lambda chooses the names of the log streams.
    resources = ["${aws_cloudwatch_log_group.ingester.arn}:*"]
  }
}
