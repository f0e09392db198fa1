output "bus" {
  description = "Where producers put events: name and ARN."
  value       = module.ingestion.bus
}

output "queue" {
  description = "Where producers that need no bus send events: name, ARN and URL."
  value       = module.ingestion.queue
}

output "dead_letter_queues" {
  description = "What could not be stored (ingestion) or queued (rule): name, ARN and URL of each."
  value       = module.ingestion.dead_letter_queues
}

output "function" {
  description = "The ingester: name and ARN."
  value       = module.ingestion.function
}

output "buckets" {
  description = "The buckets by what they hold: name and ARN."
  value       = module.lake.buckets
}

output "databases" {
  description = "The Glue databases by layer: name and ARN."
  value       = module.catalog.databases
}

output "work_groups" {
  description = "The Athena work groups by who uses them: name and ARN."
  value       = module.athena.work_groups
}

output "state_machine" {
  description = "What runs dbt: name and ARN."
  value       = module.orchestration.state_machine
}

output "lease_table" {
  description = "The table of the lease under which dbt runs: name and ARN."
  value       = module.orchestration.lease_table
}

output "cluster" {
  description = "The ECS cluster of the runs: name and ARN."
  value       = module.orchestration.cluster
}

output "security_group_id" {
  description = "The security group of the runs, which endpoints in a network of yours let in at port 443."
  value       = module.orchestration.security_group_id
}

output "file_drops" {
  description = "Where files are dropped, below drop/ of its bucket, and what lands them: `{bucket, queue, dead_letter_queue, function}`; null without."
  value = one([
    for drops in module.file_drops : {
      bucket            = drops.bucket
      queue             = drops.queue
      dead_letter_queue = drops.dead_letter_queue
      function          = drops.function
    }
  ])
}

output "database_sources" {
  description = "What pulls each database: its state machine, its security group, which the database's lets in, its log, and the event types of its tables."
  value = {
    for source, puller in module.database_source : source => {
      state_machine     = puller.state_machine
      security_group_id = puller.security_group_id
      log_group_name    = puller.log_group_name
      event_types       = sort(local.source_types[source])
    }
  }
}

output "trial_database" {
  description = "The trial database: engine, host, port, database, and the secret with its master's user and password; null where there is none."
  value       = one(module.trial_database[*].database)
}

output "alerts_topic_arn" {
  description = "The SNS topic of everything that is wrong."
  value       = module.monitoring.topic_arn
}

output "dashboard" {
  description = "The CloudWatch dashboard's name."
  value       = module.monitoring.dashboard_name
}

output "image" {
  description = "The image that runs dbt, by digest."
  value       = var.image
}

output "environment" {
  description = "What a shell needs so that `retailpulse sql --target athena` asks this environment."
  value = {
    AWS_REGION             = data.aws_region.this.name
    AWS_DEFAULT_REGION     = data.aws_region.this.name
    RETAILPULSE_RAW        = "s3://${module.lake.buckets["raw"].name}/"
    RETAILPULSE_LAKEHOUSE  = "s3://${module.lake.buckets["lakehouse"].name}/"
    RETAILPULSE_RESULTS    = "s3://${module.lake.buckets["results"].name}/"
    RETAILPULSE_WORK_GROUP = module.athena.work_groups["analysts"].name
  }
}
