variable "environment" {
  description = "The environment's name, such as dev or prod. It has an AWS account of its own."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment is 2 to 10 lower-case letters and digits, a letter first."
  }
}

variable "package" {
  description = "The file of the ingester's zip, as `make package` builds it."
  type        = string
}

variable "architecture" {
  description = "The architecture that the package is built for: arm64 or x86_64."
  type        = string
  default     = "arm64"
}

variable "image" {
  description = "The image that runs dbt, by digest: <repository>@sha256:<digest>."
  type        = string
}

variable "first_day" {
  description = "The first day that raw holds events of, YYYY-MM-DD, UTC, where it holds some from before the first deployment. A query of raw without a bound lists every hour since."
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Whether `make destroy` deletes buckets and work groups with what is in them."
  type        = bool
  default     = false
}

variable "raw_retention_days" {
  description = "Days after which raw events are deleted; null keeps them. Silver can only be built again from what is kept."
  type        = number
  default     = null
}

variable "artifacts_retention_days" {
  description = "Days after which what a run of dbt left (its manifest and results) is deleted; null is as infra/modules/lake has it."
  type        = number
  default     = null
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
  default     = 30
}

variable "maximum_concurrency" {
  description = "The most invocations of the ingester that the queue causes at once."
  type        = number
  default     = 10
}

variable "reserved_concurrency" {
  description = "What is reserved of the account's concurrency for the ingester; null reserves nothing, as a new account's quota allows no more."
  type        = number
  default     = null
}

variable "function_memory_mb" {
  description = "Memory of the ingester in MB, by which Lambda gives it processor; null is as infra/modules/ingestion has it."
  type        = number
  default     = null
}

variable "task" {
  description = "The container that runs dbt: its CPU units and memory in MiB, in one of Fargate's pairs, and whether fast runs begin on Fargate Spot; what is not named is as infra/modules/orchestration has it."
  type = object({
    cpu    = optional(number)
    memory = optional(number)
    spot   = optional(bool)
  })
  default  = {}
  nullable = false
}

variable "archive_retention_days" {
  description = "Days that the bus's archive keeps each event for a replay; null is as infra/modules/ingestion has it."
  type        = number
  default     = null
}

variable "producer_account_ids" {
  description = "Other accounts, by their 12 digits, that may send to the bus and to the queue."
  type        = set(string)
  default     = []
}

variable "bytes_scanned_cutoff" {
  description = "Bytes after which Athena cancels a query, by work group; what is not named is as infra/modules/athena has it."
  type = object({
    dbt      = optional(number)
    analysts = optional(number)
  })
  default  = {}
  nullable = false
}

variable "schedules" {
  description = "When dbt runs, by kind of run: a rate(…) or a cron(…) in UTC; what is not named is as infra/modules/orchestration has it."
  type = object({
    fast   = optional(string)
    hourly = optional(string)
    daily  = optional(string)
  })
  default  = {}
  nullable = false
}

variable "schedules_enabled" {
  description = "Whether the schedules start runs."
  type        = bool
  default     = true
}

variable "timeouts" {
  description = "Seconds that one attempt of a run may take, by kind of run; what is not named is as infra/modules/orchestration has it."
  type = object({
    fast   = optional(number)
    hourly = optional(number)
    daily  = optional(number)
  })
  default  = {}
  nullable = false
}

variable "subnets" {
  description = "A network of yours for the runs: its VPC and private subnets that reach AWS by a NAT or by the endpoints that docs/deploy.md lists. Null makes a VPC of its own."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  default = null
}

variable "governance" {
  description = "For a governed account, as `make check-cloud` tells: `tables_by_iam`, whether IAM alone decides about the tables where Lake Formation would by default; `lake_formation`, whether it governs them; `catalog_key_arn`, the KMS key of Glue's catalog. docs/deploy.md says what else each needs."
  type = object({
    tables_by_iam   = optional(bool, false)
    lake_formation  = optional(bool, false)
    catalog_key_arn = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = !(var.governance.tables_by_iam && var.governance.lake_formation)
    error_message = "Either IAM decides about the tables or Lake Formation does: set one of tables_by_iam and lake_formation."
  }
}

variable "database_sources" {
  description = "The databases that are pulled, by the names of their files in ingestion/sources, without .yml; a file that has no entry is not pulled. `secret_arn`, the secret that is the database's address, with the user and the password, and `secret_key_arn`, the KMS key that encrypts it, if it is one of yours; `subnets`, the network that the puller runs in, null for the environment's own; `port` and `cidr_blocks`, where the database is, by default the engine's port anywhere in that VPC; `schedule`, `timeout_seconds`, `stale_minutes`, `slot_bytes`, `cpu`, `memory` and `spot` are as infra/modules/database_source has them."
  type = map(object({
    secret_arn      = string
    secret_key_arn  = optional(string)
    subnets         = optional(object({ vpc_id = string, subnet_ids = set(string) }))
    port            = optional(number)
    cidr_blocks     = optional(set(string))
    schedule        = optional(string)
    timeout_seconds = optional(number)
    stale_minutes   = optional(number)
    slot_bytes      = optional(number)
    cpu             = optional(number)
    memory          = optional(number)
    spot            = optional(bool)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.database_sources), keys(local.source_files))) == 0
    error_message = "database_sources has ${join(", ", setsubtract(keys(var.database_sources), keys(local.source_files)))}, which no file describes: a source is ingestion/sources/<name>.yml (docs/follow-a-database.md)."
  }
}

variable "file_drops" {
  description = "The bucket into which files of the feeds in ingestion/feeds are dropped, those that dbt_project.yml disables left out; `starts_runs`, whether a file that has landed starts a fast run instead of waiting for the schedule; its other members are as infra/modules/file_drops has them, {} for its defaults. Null for none."
  type = object({
    starts_runs         = optional(bool, false)
    memory_mb           = optional(number)
    timeout_seconds     = optional(number)
    maximum_concurrency = optional(number)
    archive_after_days  = optional(number)
    retention_days      = optional(number)
  })
  default = null

  validation {
    condition     = var.file_drops == null || length(local.feeds) > 0
    error_message = "file_drops is set, and there is no feed: describe files in ingestion/feeds/<name>.yml, or take a feed out of disabled_sources in dbt_project.yml (docs/drop-files.md)."
  }
}

variable "trial_database" {
  description = "A small database for trying a source, in the environment's own network: its `engine`, postgresql or mysql; `client_ranges`, the address ranges that may connect beside the pullers; `instance_class` is as infra/modules/trial_database has it. Null for none. `make destroy`, or null again, deletes it with all that is in it."
  type = object({
    engine         = string
    client_ranges  = optional(set(string), [])
    instance_class = optional(string)
  })
  default = null
}

variable "alert_emails" {
  description = "Who gets mail when something is wrong."
  type        = set(string)
  default     = []
}

variable "slack_channel" {
  description = "The Slack channel that shows the alerts, by ids; null for none. docs/deploy.md says what to do in the console first."
  type = object({
    workspace_id = string
    channel_id   = string
  })
  default = null
}

variable "monthly_budget_usd" {
  description = "USD a month of the whole account of which AWS tells when 80 % are spent, and when the forecast is above it; null for no budget."
  type        = number
  default     = null
}

variable "alarm_thresholds" {
  description = "When the alarms go off: see infra/modules/monitoring; gold_stale_minutes 0 is no such alarm. The default for dbt is USD 2 a day: benchmarks/cloud-cost.md says what its runs read."
  type = object({
    oldest_message_seconds = optional(number)
    gold_stale_minutes     = optional(number, 60)
    bytes_scanned_per_day = optional(map(number), {
      dbt      = 400000000000
      analysts = 100000000000
    })
    lakehouse_bytes = optional(number)
  })
  default  = {}
  nullable = false
}

variable "runbooks_url" {
  description = "Where docs/runbooks is read: what the alarms' links begin with. `make deploy` names GitHub's page where GITHUB_REPOSITORY is set; else it is the path in the repository."
  type        = string
  default     = "docs/runbooks"
}

variable "emulated" {
  description = "Whether AWS is an emulator, at the endpoints of the environment."
  type        = bool
  default     = false
}
