locals {
  function_name = "${var.name}-file-drops"

  # Where the raw bucket has how far each file has been read, as ingestion/sources/files/s3_handler.py says.
  states_prefix = "files"
}

resource "aws_lambda_function" "drops" {
  # checkov:skip=CKV_AWS_50:X-Ray is off: what became of a file is in its manifest, its tag and the log
  # checkov:skip=CKV_AWS_115:The queue's maximum concurrency bounds the function
  # checkov:skip=CKV_AWS_116:Its queue has dead letters; nobody calls it asynchronously
  # checkov:skip=CKV_AWS_117:It needs S3 and SQS alone, over TLS by IAM; a VPC would add endpoints to pay for and no protection
  # checkov:skip=CKV_AWS_173:The environment holds names and no secret
  # checkov:skip=CKV_AWS_272:The zip is built by this repository from wheels pinned by hash; signing needs a profile of the account
  function_name    = local.function_name
  description      = "From dropped files to the raw zone, row by row"
  role             = aws_iam_role.function.arn
  handler          = "ingestion.sources.files.s3_handler.handler"
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  architectures    = [var.architecture]
  runtime          = var.runtime
  memory_size      = var.memory_mb
  timeout          = var.timeout_seconds

  environment {
    variables = merge(
      {
        RAW_BUCKET  = var.raw_bucket.name
        DROP_BUCKET = aws_s3_bucket.drops.bucket
        QUEUE_URL   = aws_sqs_queue.drops.url
        FEEDS       = join(",", sort(var.feeds))
      },
      var.state_machine_arn == null ? {} : { STATE_MACHINE_ARN = var.state_machine_arn },
    )
  }

  logging_config {
    log_group  = aws_cloudwatch_log_group.function.name
    log_format = "JSON"
    # Metrics are log lines without a level, which Lambda takes for INFO.
    application_log_level = "INFO"
    system_log_level      = "INFO"
  }

  # A function that starts without its permissions fails its first files.
  depends_on = [aws_iam_role_policy.function]
}

# A large file is landed by a chain of invocations, each of which sends its queue a message: by default
# Lambda takes that for a loop and stops it after about 16
# (docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html). Each lands something, so it ends.
resource "aws_lambda_function_recursion_config" "drops" {
  function_name  = aws_lambda_function.drops.function_name
  recursive_loop = "Allow"
}

resource "aws_lambda_event_source_mapping" "queue" {
  event_source_arn        = aws_sqs_queue.drops.arn
  function_name           = aws_lambda_function.drops.arn
  batch_size              = 1
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.maximum_concurrency
  }
}

resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_158:Encrypted by a key of CloudWatch's; the log holds names of files and counts, never a row
  # checkov:skip=CKV_AWS_338:The retention is a variable; what must be kept for years is the raw zone, not this log
  name              = "/aws/lambda/${local.function_name}"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "function" {
  name                 = local.function_name
  description          = "What the function from dropped files to the raw zone may do"
  assume_role_policy   = data.aws_iam_policy_document.assumed_by["lambda"].json
  permissions_boundary = var.permissions_boundary_arn
}

data "aws_iam_policy_document" "assumed_by" {
  for_each = toset(["lambda", "scheduler"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "function" {
  name   = "land-files"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}

data "aws_iam_policy_document" "function" {
  statement {
    sid = "TakeFromItsQueueAndGoOn"
    # A file that takes longer than an invocation goes on in a message of its own.
    actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"]
    resources = [aws_sqs_queue.drops.arn]
  }

  statement {
    sid       = "ReadFilesAndTagThem"
    actions   = ["s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"]
    resources = ["${aws_s3_bucket.drops.arn}/${local.dropped_prefix}*"]
  }

  statement {
    sid       = "ListFiles"
    actions   = ["s3:ListBucketVersions"]
    resources = [aws_s3_bucket.drops.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.dropped_prefix}*"]
    }
  }

  statement {
    sid     = "TellOfFiles"
    actions = ["s3:PutObject"]
    # By feed or day, and by file.
    resources = [for prefix in local.told_prefixes : "${aws_s3_bucket.drops.arn}/${prefix}/*"]
  }

  statement {
    sid     = "LandRows"
    actions = ["s3:PutObject"]
    # Lines that are no row are of no type that is known.
    resources = concat(
      [for feed in sort(concat(tolist(var.feeds), ["unknown"])) : "${var.raw_bucket.arn}/events/event_type=${feed}/*"],
      ["${var.raw_bucket.arn}/oversized/*"],
    )
  }

  statement {
    sid = "KeepStates"
    # A write on the condition of an ETag takes the right to read
    # (docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${var.raw_bucket.arn}/${local.states_prefix}/*"]
  }

  statement {
    sid       = "ListStates"
    actions   = ["s3:ListBucket"]
    resources = [var.raw_bucket.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.states_prefix}/*"]
    }
  }

  dynamic "statement" {
    for_each = var.state_machine_arn[*]

    content {
      sid       = "StartRuns"
      actions   = ["states:StartExecution"]
      resources = [statement.value]
    }
  }

  statement {
    sid     = "WriteItsLog"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]

    # Lambda chooses the names of the log streams.
    resources = ["${aws_cloudwatch_log_group.function.arn}:*"]
  }
}
