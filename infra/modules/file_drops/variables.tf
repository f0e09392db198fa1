variable "name" {
  description = "What every name of this module begins with."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,23}$", var.name))
    error_message = "name must be 2 to 24 lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "environment" {
  description = "The environment's name, which the bucket's has in it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment is 2 to 10 lower-case letters and digits, a letter first."
  }
}

variable "raw_bucket" {
  description = "The raw zone's bucket, which keeps how far each file has been read, too."
  type = object({
    name = string
    arn  = string
  })
}

variable "feeds" {
  description = "The feeds that are followed, by the names of their files in ingestion/feeds, without .yml."
  type        = set(string)

  validation {
    condition     = alltrue([for feed in var.feeds : can(regex("^[a-z][a-z0-9_]{0,62}$", feed))])
    error_message = "feeds must be names of feeds: lower-case letters, digits and underscores, a letter first."
  }
}

variable "package" {
  description = "Path of the functions' zip, as `make package` builds it for the architecture and the runtime."
  type        = string

  validation {
    condition     = fileexists(var.package)
    error_message = "There is no file at the package's path: run `make package` first."
  }
}

variable "architecture" {
  description = "Instruction set of the function: `arm64` or `x86_64`."
  type        = string

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64."
  }
}

variable "runtime" {
  description = "Lambda's name of the Python version that the package was built for."
  type        = string

  validation {
    condition     = can(regex("^python3\\.[0-9]+$", var.runtime))
    error_message = "runtime must be one of Lambda's Python runtimes, such as python3.13."
  }
}

variable "memory_mb" {
  description = "Memory of the function in MB, by which Lambda gives it processor: 1,769 is one."
  type        = number
  # It needs 150 MB, whatever the file's size. A core lands 12 MB a second (benchmarks/results.md), and a
  # share of one the same for the same price, but later.
  default  = 1769
  nullable = false

  validation {
    condition     = var.memory_mb >= 256 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb must be a whole number from 256 to 10240."
  }
}

variable "timeout_seconds" {
  description = "Seconds that an invocation has: with less than 75 left it hands its file over to the next."
  type        = number
  # A message that fails is tried again after six of them.
  default  = 300
  nullable = false

  validation {
    condition     = var.timeout_seconds >= 180 && var.timeout_seconds <= 900
    error_message = "timeout_seconds must be from 180, as reading for the hash takes its time, to 900, all that Lambda has."
  }
}

variable "maximum_concurrency" {
  description = "How many files are landed at once."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000
    error_message = "maximum_concurrency must be from 2 to 1000, as Lambda takes it."
  }
}

variable "maximum_receive_count" {
  description = "Attempts of a message before it becomes a dead letter."
  type        = number
  # Five hours, as of a message of half an hour each.
  default  = 10
  nullable = false

  validation {
    condition     = var.maximum_receive_count >= 5 && var.maximum_receive_count <= 100
    error_message = "maximum_receive_count must be from 5, as AWS advises for a queue of a function, to 100: a message that expires first is lost instead of being a dead letter."
  }
}

variable "message_retention_seconds" {
  description = "Seconds that the queues keep a message."
  type        = number
  default     = 1209600
  nullable    = false

  validation {
    condition     = var.message_retention_seconds >= 86400 && var.message_retention_seconds <= 1209600
    error_message = "message_retention_seconds must be from a day to 14 (1209600), which is all SQS keeps."
  }
}

variable "oldest_message_seconds" {
  description = "Seconds that a file may wait before the alarm `delay`. A large one goes on in many messages, each of which is new."
  type        = number
  default     = 3600
  nullable    = false
}

variable "archive_after_days" {
  description = "Days after which a file that has landed is moved to S3 Glacier Instant Retrieval, which takes those of 128 KiB and more."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.archive_after_days >= 1
    error_message = "archive_after_days must be at least 1."
  }
}

variable "retention_days" {
  description = "Days after which a file that has landed is deleted, a day later for good; null keeps them. A version that was written over goes a day after that. Its rows are in raw."
  type        = number
  default     = null

  validation {
    # docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
    condition     = var.retention_days == null || try(var.retention_days > var.archive_after_days, false)
    error_message = "retention_days must be more than archive_after_days, as S3 has it."
  }
}

variable "schedule_enabled" {
  description = "Whether files are looked for each hour that no notification told of."
  type        = bool
  default     = true
  nullable    = false
}

variable "state_machine_arn" {
  description = "What starts a fast run of dbt once a file has landed, at most one a minute; null to wait for the schedule."
  type        = string
  default     = null
}

variable "schedule_group_name" {
  description = "The group of EventBridge Scheduler that the schedule is in."
  type        = string
  default     = "default"
  nullable    = false
}

variable "alerts_topic_arn" {
  description = "The topic that alarms tell."
  type        = string
}

variable "runbooks_url" {
  description = "Where docs/runbooks is read: what the alarms' links begin with."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the function's log is kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "force_destroy" {
  description = "Whether the bucket is deleted with what is in it."
  type        = bool
  default     = false
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "The policy that bounds what this module's roles can be allowed; null for none."
  type        = string
  default     = null
}
