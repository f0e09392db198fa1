variable "name" {
  description = "What the names of all resources start with."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "The name must be 2 to 31 lower-case letters, digits and hyphens, and start with a letter."
  }
}

variable "environment" {
  description = "The environment that notifications name, such as dev or prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,15}$", var.environment))
    error_message = "The environment must be 2 to 16 lower-case letters, digits and hyphens."
  }
}

variable "image" {
  description = "The image that runs dbt: an ECR repository's address with a digest, `<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<digest>`."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "The image must be in ECR and be pinned by its digest: <account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hexadecimal digits>. A tag can be moved to another image."
  }
}

variable "architecture" {
  description = "The processor that the image is built for: ARM64, which costs a fifth less, or X86_64."
  type        = string
  default     = "ARM64"

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "The architecture must be ARM64 or X86_64."
  }
}

variable "cpu" {
  description = "CPU units of the task; 1024 is one vCPU. dbt waits on Athena most of the time."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.cpu)
    error_message = "Fargate's CPU units are 256, 512, 1024, 2048 or 4096."
  }
}

variable "memory" {
  description = "Memory of the task, in MiB."
  type        = number
  default     = 1024
  nullable    = false

  # docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
  validation {
    condition = contains(lookup({
      "256"  = tolist([512, 1024, 2048])
      "512"  = range(1024, 4 * 1024 + 1, 1024)
      "1024" = range(2 * 1024, 8 * 1024 + 1, 1024)
      "2048" = range(4 * 1024, 16 * 1024 + 1, 1024)
      "4096" = range(8 * 1024, 30 * 1024 + 1, 1024)
    }, tostring(var.cpu), tolist([])), var.memory)
    error_message = "Fargate gives 512, 1024 or 2048 MiB to 256 CPU units, and in steps of 1024 MiB 1 to 4 GiB to 512, 2 to 8 to 1024, 4 to 16 to 2048, and 8 to 30 to 4096."
  }
}

variable "spot" {
  description = "Whether a fast run begins on Fargate Spot, at half the price or less; what AWS interrupts, or has no room for, is tried again on Fargate."
  type        = bool
  default     = true
  nullable    = false
}

variable "subnets" {
  description = "The VPC and the private subnets that the task runs in. They need a way to AWS: a NAT, or endpoints for s3 (the gateway), athena, glue, sts, states, logs, ecr.api and ecr.dkr, with private DNS, that let the output security_group_id in at 443. Null makes a VPC with public subnets, which needs neither."
  type = object({
    vpc_id     = string
    subnet_ids = set(string)
  })
  default = null

  validation {
    condition     = var.subnets == null || try(length(var.subnets.subnet_ids) > 0, false)
    error_message = "Name at least one subnet, or leave the variable out."
  }
}

variable "buckets" {
  description = "The lake's buckets by kind: raw, lakehouse, results, artifacts and docs."
  type        = map(object({ name = string, arn = string }))

  validation {
    condition     = length(setsubtract(["raw", "lakehouse", "results", "artifacts", "docs"], keys(var.buckets))) == 0
    error_message = "The buckets raw, lakehouse, results, artifacts and docs are needed."
  }
}

variable "databases" {
  description = "The Glue databases by layer: gold, raw, staging and silver."
  type        = map(object({ name = string, arn = string }))

  validation {
    condition     = length(setsubtract(["gold", "raw", "staging", "silver"], keys(var.databases))) == 0
    error_message = "The databases gold, raw, staging and silver are needed."
  }
}

variable "work_group" {
  description = "The Athena work group of dbt. Nobody else may use it: a failed run's queries are found by it."
  type        = object({ name = string, arn = string })
}

variable "alerts_topic_arn" {
  description = "The SNS topic that hears of each failed run."
  type        = string
}

variable "runbooks_url" {
  description = "Where docs/runbooks is read, whose failed-runs.md a notification links: an address, or a path in the repository; no slash at its end."
  type        = string

  validation {
    condition     = !endswith(var.runbooks_url, "/")
    error_message = "runbooks_url must have no slash at its end."
  }
}

variable "schedules" {
  description = "When each kind of run starts: a rate(…) or a cron(…) in UTC."
  type = object({
    fast   = optional(string, "rate(5 minutes)")
    hourly = optional(string, "cron(7 * * * ? *)")
    daily  = optional(string, "cron(23 3 * * ? *)")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^(rate|cron)\\(.+\\)$", schedule))])
    error_message = "Each schedule must be a rate(…) or a cron(…)."
  }
}

variable "schedules_enabled" {
  description = "Whether the schedules start runs."
  type        = bool
  default     = true
}

variable "timeouts" {
  description = "Seconds that one attempt of each kind of run may take, the start of its container included."
  type = object({
    fast   = optional(number, 900)
    hourly = optional(number, 1800)
    daily  = optional(number, 7200)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for seconds in values(var.timeouts) : seconds > var.heartbeat_seconds && seconds <= 43200 && floor(seconds) == seconds])
    error_message = "A timeout must be a whole number of seconds, longer than heartbeat_seconds and at most 12 hours."
  }
}

variable "heartbeat_seconds" {
  description = "Seconds without a sign of life from the container after which its attempt has failed. The container's start counts, so it must be longer than Fargate takes to fetch the image."
  type        = number
  default     = 300

  # The container gives a sign every 30 seconds (retailpulse/cloud/scheduled/heartbeat.py).
  validation {
    condition     = var.heartbeat_seconds >= 60 && floor(var.heartbeat_seconds) == var.heartbeat_seconds
    error_message = "heartbeat_seconds must be a whole number, at least 60."
  }
}

variable "attempts" {
  description = "How often a run is attempted whose failure can pass by itself."
  type        = number
  default     = 3

  validation {
    condition     = var.attempts >= 1 && var.attempts <= 10 && floor(var.attempts) == var.attempts
    error_message = "There must be from 1 to 10 attempts."
  }
}

variable "log_retention_days" {
  description = "Days that the logs of dbt and of the state machine are kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "catalog_key_arn" {
  description = "The KMS key that Glue's catalog is encrypted with, which dbt then uses; null for none of the account's own."
  type        = string
  default     = null

  validation {
    condition     = var.catalog_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.catalog_key_arn))
    error_message = "catalog_key_arn must be arn:aws:kms:<region>:<account>:key/<id>: IAM knows a key by no alias."
  }
}

variable "lake_formation" {
  description = "Whether Lake Formation governs the tables, so that dbt asks it for access to their files."
  type        = bool
  default     = false
}

variable "permissions_boundary_arn" {
  description = "The policy that bounds what this module's roles can be allowed; null for none."
  type        = string
  default     = null
}
