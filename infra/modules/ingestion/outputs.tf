output "bus" {
  description = "The event bus that producers send to: `{name, arn}`."
  value = {
    name = aws_cloudwatch_event_bus.this.name
    arn  = aws_cloudwatch_event_bus.this.arn
  }
}

output "rule" {
  description = "The rule that takes every event of the bus to the queue: `{name, arn}`."
  value = {
    name = aws_cloudwatch_event_rule.every_event.name
    arn  = aws_cloudwatch_event_rule.every_event.arn
  }
}

output "queue" {
  description = "The ingestion queue: `{name, arn, url}`."
  value = {
    name = aws_sqs_queue.ingestion.name
    arn  = aws_sqs_queue.ingestion.arn
    url  = aws_sqs_queue.ingestion.url
  }
}

output "dead_letter_queues" {
  description = "The dead-letter queues of the ingestion queue (`ingestion`) and of the rule's target (`rule`): `{name, arn, url}` each."
  value = {
    for kind, queue in {
      ingestion = aws_sqs_queue.ingestion_dead_letters
      rule      = aws_sqs_queue.rule_dead_letters
    } : kind => { name = queue.name, arn = queue.arn, url = queue.url }
  }
}

output "refused_calls_queue" {
  description = "What the function was called with and does not understand, as Lambda's records: `{name, arn, url}`."
  value = {
    name = aws_sqs_queue.refused_calls.name
    arn  = aws_sqs_queue.refused_calls.arn
    url  = aws_sqs_queue.refused_calls.url
  }
}

output "function" {
  description = "The function that lands the queue's batches: `{name, arn, log_group_name, timeout_seconds, memory_mb}`."
  value = {
    name            = aws_lambda_function.ingester.function_name
    arn             = aws_lambda_function.ingester.arn
    log_group_name  = aws_cloudwatch_log_group.ingester.name
    timeout_seconds = aws_lambda_function.ingester.timeout
    memory_mb       = aws_lambda_function.ingester.memory_size
  }
}
