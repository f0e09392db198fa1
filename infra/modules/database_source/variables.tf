variable "name" {
  description = "What the names of all resources start with."
  type        = string
}

variable "source_name" {
  description = "The source: its file in ingestion/sources, without .yml."
  type        = string

  # IAM's role names have 64 characters at most, and `retailpulse-pull-…-scheduler` is one.
  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,35}$", var.source_name))
    error_message = "A source that is pulled on AWS has a name of at most 36 lower-case letters, digits and `_`, from a letter on."
  }
}

variable "connection" {
  description = "The environment variable that the source's file names for the database's address."
  type        = string
}

variable "event_types" {
  description = "The event types of the source's tables, which alone it may land."
  type        = set(string)

  validation {
    condition     = length(var.event_types) > 0 && alltrue([for type in var.event_types : can(regex("^[a-z][a-z0-9_]{0,63}$", type))])
    error_message = "A source has at least one table, and each an event type of lower-case letters, digits and `_`."
  }
}

variable "secret" {
  description = "The secret of Secrets Manager that is the database's address, and the KMS key that encrypts it, where that is not AWS's own."
  type = object({
    arn         = string
    kms_key_arn = optional(string)
  })

  # IAM knows a secret by its full ARN, with the six characters that Secrets Manager adds.
  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$", var.secret.arn))
    error_message = "A secret is named by its full ARN, as `aws secretsmanager describe-secret` gives it: arn:aws:secretsmanager:<region>:<account>:secret:<name>-<six characters>."
  }
}

variable "database" {
  description = "The database's port, and the address ranges that it is in; null is all of the VPC."
  type = object({
    port        = number
    cidr_blocks = optional(set(string))
  })

  validation {
    condition     = var.database.port >= 1 && var.database.port <= 65535 && floor(var.database.port) == var.database.port
    error_message = "The port must be a whole number from 1 to 65535."
  }

  validation {
    condition     = var.database.cidr_blocks == null || try(length(var.database.cidr_blocks) > 0 && alltrue([for range in var.database.cidr_blocks : can(cidrhost(range, 0))]), false)
    error_message = "cidr_blocks must be at least one range such as 10.1.0.0/16."
  }
}

variable "network" {
  description = "The VPC and the subnets that the puller runs in, from which it reaches the database and AWS (by a NAT, or by endpoints for s3, the gateway, glue, states, logs, secretsmanager, ecr.api and ecr.dkr); and whether it has a public address, for public subnets."
  type = object({
    vpc_id           = string
    subnet_ids       = set(string)
    assign_public_ip = bool
  })

  validation {
    condition     = length(var.network.subnet_ids) > 0
    error_message = "Name at least one subnet."
  }
}

variable "image" {
  description = "The image of dbt and the puller, by digest: <account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<digest>."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "The image must be in ECR and be pinned by its digest."
  }
}

variable "architecture" {
  description = "The processor that the image is built for: ARM64 or X86_64."
  type        = string
  default     = "ARM64"
}

variable "cpu" {
  description = "CPU units of the task; 1024 is one vCPU."
  type        = number
  default     = 256
  nullable    = false
}

variable "memory" {
  description = "Memory of the task, in MiB. A pull takes less than 200, however large the table."
  type        = number
  default     = 512
  nullable    = false

  # docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
  validation {
    condition = contains(lookup({
      "256"  = tolist([512, 1024, 2048])
      "512"  = range(1024, 4 * 1024 + 1, 1024)
      "1024" = range(2 * 1024, 8 * 1024 + 1, 1024)
      "2048" = range(4 * 1024, 16 * 1024 + 1, 1024)
    }, tostring(var.cpu), tolist([])), var.memory)
    error_message = "Fargate gives 512, 1024 or 2048 MiB to 256 CPU units, and in steps of 1024 MiB 1 to 4 GiB to 512, 2 to 8 to 1024 and 4 to 16 to 2048."
  }
}

variable "spot" {
  description = "Whether a pull begins on Fargate Spot; what AWS interrupts goes on where it was, on Fargate."
  type        = bool
  default     = true
  nullable    = false
}

variable "cluster" {
  description = "The ECS cluster, which knows FARGATE and FARGATE_SPOT."
  type        = object({ name = string, arn = string })
}

variable "lease_table" {
  description = "The table of leases, with the key `lease`."
  type        = object({ name = string, arn = string })
}

variable "schedule_group_name" {
  description = "The group of EventBridge Scheduler that the schedule is in."
  type        = string
}

variable "raw_bucket" {
  description = "The raw bucket: rows land in events/, states are kept in pulled/."
  type        = object({ name = string, arn = string })
}

variable "raw_table" {
  description = "The Glue table of raw events, which lists the event types that queries see."
  type        = object({ database = string, name = string })
}

variable "schedule" {
  description = "When a pull starts: a rate(…) or a cron(…) in UTC. One that finds another going on does nothing."
  type        = string
  default     = "rate(5 minutes)"
  nullable    = false

  validation {
    condition     = can(regex("^(rate|cron)\\(.+\\)$", var.schedule))
    error_message = "The schedule must be a rate(…) or a cron(…)."
  }
}

variable "schedule_enabled" {
  description = "Whether the schedule starts pulls."
  type        = bool
  default     = true
}

variable "timeout_seconds" {
  description = "Seconds that one attempt may take. A first load that takes longer goes on where it was."
  type        = number
  default     = 14400
  nullable    = false

  validation {
    condition     = var.timeout_seconds > var.heartbeat_seconds && var.timeout_seconds <= 86400 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "The timeout must be a whole number of seconds, longer than heartbeat_seconds and at most a day."
  }
}

variable "heartbeat_seconds" {
  description = "Seconds without a sign of life from the container after which its attempt has failed. The container's start counts."
  type        = number
  default     = 300
  nullable    = false

  # The container gives a sign every 30 seconds (retailpulse/cloud/scheduled/heartbeat.py).
  validation {
    condition     = var.heartbeat_seconds >= 60 && floor(var.heartbeat_seconds) == var.heartbeat_seconds
    error_message = "heartbeat_seconds must be a whole number, at least 60."
  }
}

variable "attempts" {
  description = "How often a pull is attempted whose failure can pass by itself."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.attempts >= 1 && var.attempts <= 10 && floor(var.attempts) == var.attempts
    error_message = "There must be from 1 to 10 attempts."
  }
}

variable "mode" {
  description = "How the source is followed, as its file says: `poll`, or `log`, by a replication slot."
  type        = string
  default     = "poll"
  nullable    = false

  validation {
    condition     = contains(["poll", "log"], var.mode)
    error_message = "mode must be poll or log."
  }
}

variable "slot_bytes" {
  description = "Bytes of its log that the server may keep for a source in log mode, above which an alarm goes off; well below its max_slot_wal_keep_size, as behind that the slot is lost."
  type        = number
  default     = 1000000000
  nullable    = false

  validation {
    condition     = var.slot_bytes > 0
    error_message = "slot_bytes must be above 0."
  }
}

variable "stale_minutes" {
  description = "Minutes without a pull that succeeded after which an alarm goes off, a multiple of 5; more than twice as long as from one pull to the next."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.stale_minutes >= 10 && var.stale_minutes <= 1440 && var.stale_minutes % 5 == 0
    error_message = "stale_minutes must be a multiple of 5, from 10 to 1440."
  }
}

variable "alerts_topic_arn" {
  description = "The SNS topic that hears of the alarms."
  type        = string
}

variable "runbooks_url" {
  description = "Where docs/runbooks is read, which the alarms link: an address, or a path in the repository; no slash at its end."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the log of the pulls is kept."
  type        = number
  default     = 30
}

variable "catalog_key_arn" {
  description = "The KMS key that Glue's catalog is encrypted with; null for none of the account's own."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "The policy that bounds what this module's roles can be allowed; null for none."
  type        = string
  default     = null
}
