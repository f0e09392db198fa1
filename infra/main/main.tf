data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

locals {
  # Not a variable: profiles.yml, dbt's sources, the command line and the README name the databases, the
  # work groups and the queues by it, and two environments are two accounts.
  name = "retailpulse"

  ingestion_folder = "${path.module}/../../ingestion"

  # infra/bootstrap makes it; the role that deploys can make no role without it.
  permissions_boundary_arn = "arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:policy/bootstrap/${local.name}-boundary"

  # The list that the ingester has, too.
  event_types = toset(keys(jsondecode(file("${local.ingestion_folder}/known_types.json"))))
}

# The day of the first deployment, UTC: nothing arrived before.
resource "terraform_data" "first_day" {
  input = formatdate("YYYY-MM-DD", plantimestamp())

  lifecycle {
    ignore_changes = [input]
  }
}

module "lake" {
  source = "../modules/lake"

  name               = local.name
  environment        = var.environment
  force_destroy      = var.force_destroy
  raw_retention_days = var.raw_retention_days

  artifacts_retention_days = var.artifacts_retention_days
}

module "catalog" {
  source = "../modules/catalog"

  name               = local.name
  raw_bucket         = module.lake.buckets["raw"].name
  event_types        = local.event_types
  first_day          = coalesce(var.first_day, terraform_data.first_day.input)
  raw_table_template = "${local.ingestion_folder}/raw_events_table.json.tftpl"
  tables_by_iam      = var.governance.tables_by_iam
}

module "athena" {
  source = "../modules/athena"

  name                 = local.name
  results_bucket       = module.lake.buckets["results"].name
  gold_database        = module.catalog.databases["gold"].name
  bytes_scanned_cutoff = var.bytes_scanned_cutoff
  force_destroy        = var.force_destroy
}

module "ingestion" {
  source = "../modules/ingestion"

  name                 = local.name
  raw_bucket           = module.lake.buckets["raw"]
  package              = var.package
  architecture         = var.architecture
  runtime              = "python3.13"
  queue_settings       = jsondecode(file("${local.ingestion_folder}/queue_settings.json"))
  memory_mb            = var.function_memory_mb
  maximum_concurrency  = var.maximum_concurrency
  reserved_concurrency = var.reserved_concurrency
  log_retention_days   = var.log_retention_days

  producer_account_ids   = var.producer_account_ids
  archive_retention_days = var.archive_retention_days

  permissions_boundary_arn = local.permissions_boundary_arn
}

module "orchestration" {
  source = "../modules/orchestration"

  name               = local.name
  environment        = var.environment
  image              = var.image
  cpu                = var.task.cpu
  memory             = var.task.memory
  spot               = var.task.spot
  subnets            = var.subnets
  catalog_key_arn    = var.governance.catalog_key_arn
  lake_formation     = var.governance.lake_formation
  buckets            = module.lake.buckets
  databases          = module.catalog.databases
  work_group         = module.athena.work_groups["dbt"]
  alerts_topic_arn   = module.monitoring.topic_arn
  schedules          = var.schedules
  schedules_enabled  = var.schedules_enabled
  timeouts           = var.timeouts
  runbooks_url       = var.runbooks_url
  log_retention_days = var.log_retention_days

  permissions_boundary_arn = local.permissions_boundary_arn
}

locals {
  # The files that describe databases. Which tables' rows are of which event types is as
  # ingestion/sources/databases/names.py has it.
  source_files = {
    for file in fileset("${local.ingestion_folder}/sources", "*.yml") :
    trimsuffix(file, ".yml") => yamldecode(file("${local.ingestion_folder}/sources/${file}"))
  }
  source_types = {
    for source, described in local.source_files : source => toset([
      for table in described.tables : join("_", [
        for part in concat([source], [for part in split(".", table.table) : part if part != "public"]) :
        trim(replace(lower(part), "/[^a-z0-9]+/", "_"), "_")
      ])
    ])
  }
}

module "database_source" {
  source   = "../modules/database_source"
  for_each = var.database_sources

  name        = local.name
  source_name = each.key
  connection  = local.source_files[each.key].connection
  event_types = local.source_types[each.key]
  secret      = { arn = each.value.secret_arn, kms_key_arn = each.value.secret_key_arn }
  database    = { port = coalesce(each.value.port, local.ports[local.source_files[each.key].engine]), cidr_blocks = each.value.cidr_blocks }
  network = {
    vpc_id           = each.value.subnets == null ? module.orchestration.network.vpc_id : each.value.subnets.vpc_id
    subnet_ids       = each.value.subnets == null ? module.orchestration.network.subnet_ids : each.value.subnets.subnet_ids
    assign_public_ip = each.value.subnets == null && module.orchestration.network.assign_public_ip
  }
  image               = var.image
  cpu                 = each.value.cpu
  memory              = each.value.memory
  spot                = each.value.spot
  cluster             = module.orchestration.cluster
  lease_table         = module.orchestration.lease_table
  schedule_group_name = module.orchestration.schedule_group_name
  raw_bucket          = module.lake.buckets["raw"]
  raw_table           = { database = module.catalog.databases["raw"].name, name = module.catalog.raw_table.name }
  schedule            = each.value.schedule
  schedule_enabled    = var.schedules_enabled
  timeout_seconds     = each.value.timeout_seconds
  stale_minutes       = each.value.stale_minutes
  mode                = try(local.source_files[each.key].mode, "poll")
  slot_bytes          = each.value.slot_bytes
  alerts_topic_arn    = module.monitoring.topic_arn
  runbooks_url        = var.runbooks_url
  log_retention_days  = var.log_retention_days
  catalog_key_arn     = var.governance.catalog_key_arn

  permissions_boundary_arn = local.permissions_boundary_arn
}

locals {
  ports = { postgresql = 5432, mysql = 3306 }

  # The pullers in the environment's own network, which is the trial database's.
  pullers_beside = {
    for source, settings in var.database_sources : source => module.database_source[source].security_group_id
    if settings.subnets == null
  }
}

locals {
  # The files that describe feeds, but those that are disabled, as dbt and the command line read them.
  disabled_sources = toset([
    for source in coalesce(try(yamldecode(file("${path.module}/../../dbt_project.yml")).vars.disabled_sources, null), []) : source
  ])
  feeds = setsubtract(
    toset([for file in fileset("${local.ingestion_folder}/feeds", "*.yml") : trimsuffix(file, ".yml")]),
    local.disabled_sources,
  )
}

module "file_drops" {
  source = "../modules/file_drops"
  count  = var.file_drops == null ? 0 : 1

  name                = local.name
  environment         = var.environment
  raw_bucket          = module.lake.buckets["raw"]
  feeds               = local.feeds
  package             = var.package
  architecture        = var.architecture
  runtime             = "python3.13"
  memory_mb           = var.file_drops.memory_mb
  timeout_seconds     = var.file_drops.timeout_seconds
  maximum_concurrency = var.file_drops.maximum_concurrency
  archive_after_days  = var.file_drops.archive_after_days
  retention_days      = var.file_drops.retention_days
  state_machine_arn   = var.file_drops.starts_runs ? module.orchestration.state_machine.arn : null
  schedule_group_name = module.orchestration.schedule_group_name
  schedule_enabled    = var.schedules_enabled
  alerts_topic_arn    = module.monitoring.topic_arn
  runbooks_url        = var.runbooks_url
  log_retention_days  = var.log_retention_days
  force_destroy       = var.force_destroy

  permissions_boundary_arn = local.permissions_boundary_arn
}

module "trial_database" {
  source = "../modules/trial_database"
  count  = var.trial_database == null ? 0 : 1

  name           = local.name
  engine         = var.trial_database.engine
  vpc_id         = module.orchestration.network.vpc_id
  subnet_ids     = module.orchestration.network.subnet_ids
  clients        = local.pullers_beside
  client_ranges  = var.trial_database.client_ranges
  instance_class = var.trial_database.instance_class
}

module "monitoring" {
  source = "../modules/monitoring"

  name                     = local.name
  queue_name               = module.ingestion.queue.name
  dead_letter_queue_names  = { for kind, queue in module.ingestion.dead_letter_queues : kind => queue.name }
  refused_calls_queue_name = module.ingestion.refused_calls_queue.name
  function                 = module.ingestion.function
  task                     = { log_group_name = module.orchestration.log_group_name, memory_mb = module.orchestration.task_definition.memory_mb }
  lakehouse_bucket_name    = module.lake.buckets["lakehouse"].name
  bus_name                 = module.ingestion.bus.name
  rule_name                = module.ingestion.rule.name
  state_machine_arn        = module.orchestration.state_machine.arn
  work_group_names         = { for role, group in module.athena.work_groups : role => group.name }
  alert_emails             = var.alert_emails
  slack_channel            = var.slack_channel
  monthly_budget_usd       = var.monthly_budget_usd

  thresholds = merge(var.alarm_thresholds, {
    # Where no schedule starts runs, nobody waits for them. An optional member cannot be null: 0 is none.
    gold_stale_minutes = var.schedules_enabled && var.alarm_thresholds.gold_stale_minutes > 0 ? var.alarm_thresholds.gold_stale_minutes : null
  })
  runbooks_url = var.runbooks_url

  permissions_boundary_arn = local.permissions_boundary_arn
}
