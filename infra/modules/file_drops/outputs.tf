output "bucket" {
  description = "The bucket into which files are dropped, below drop/: `{name, arn}`."
  value       = { name = aws_s3_bucket.drops.bucket, arn = aws_s3_bucket.drops.arn }
}

output "queue" {
  description = "The queue of what is dropped: `{name, arn, url}`."
  value       = { name = aws_sqs_queue.drops.name, arn = aws_sqs_queue.drops.arn, url = aws_sqs_queue.drops.url }
}

output "dead_letter_queue" {
  description = "The queue of what could not be landed: `{name, arn, url}`."
  value       = { name = aws_sqs_queue.dead_letters.name, arn = aws_sqs_queue.dead_letters.arn, url = aws_sqs_queue.dead_letters.url }
}

output "function" {
  description = "The function that lands files: `{name, arn, log_group_name}`."
  value       = { name = aws_lambda_function.drops.function_name, arn = aws_lambda_function.drops.arn, log_group_name = aws_cloudwatch_log_group.function.name }
}
