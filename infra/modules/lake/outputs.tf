output "buckets" {
  description = "Name and ARN of each bucket, by kind: raw, lakehouse, results, artifacts, docs."
  value       = { for kind, bucket in aws_s3_bucket.this : kind => { name = bucket.bucket, arn = bucket.arn } }
}
