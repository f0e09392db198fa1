variable "name" {
  description = "What every name of this module begins with."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,23}$", var.name))
    error_message = "name must be 2 to 24 lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "raw_bucket" {
  description = "The raw zone's bucket."
  type = object({
    name = string
    arn  = string
  })
}

variable "package" {
  description = "Path of the function's zip, as `make package` builds it for the architecture and the runtime."
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
  # The largest batch (6 MB) took 82 MiB and 36 ms of a processor: 512 MB is 0.29 of one, so that a
  # cold start is not seconds long.
  default  = 512
  nullable = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb must be a whole number from 128 to 10240, as Lambda takes it."
  }
}

variable "producer_account_ids" {
  description = "Other accounts that may send to the bus and to the queue; whom of theirs, they say themselves."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for account in var.producer_account_ids : can(regex("^[0-9]{12}$", account))])
    error_message = "Each of producer_account_ids must be an account's 12 digits."
  }

  validation {
    # docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html: 50, with the
    # rule's service and the refusal's.
    condition     = length(var.producer_account_ids) <= 48
    error_message = "producer_account_ids must be at most 48: a queue's policy names 50 principals, and ours has two besides."
  }
}

variable "queue_settings" {
  description = "How the queue and the function work together: `ingestion/queue_settings.json`, decoded."
  type = object({
    function_timeout_seconds        = number
    visibility_timeout_seconds      = number
    maximum_receive_count           = number
    batch_size                      = number
    maximum_batching_window_seconds = number
    message_retention_seconds       = number
  })

  validation {
    condition     = var.queue_settings.visibility_timeout_seconds >= 6 * var.queue_settings.function_timeout_seconds + var.queue_settings.maximum_batching_window_seconds
    error_message = "visibility_timeout_seconds must be at least 6 times function_timeout_seconds and the batching window: a shorter one hands a message out again while a throttled function still has it."
  }

  validation {
    condition     = var.queue_settings.maximum_receive_count * var.queue_settings.visibility_timeout_seconds >= 3600
    error_message = "maximum_receive_count times visibility_timeout_seconds must be at least an hour: storage may refuse for that long before a message becomes a dead letter."
  }

  validation {
    condition     = var.queue_settings.message_retention_seconds <= 1209600 && var.queue_settings.message_retention_seconds > var.queue_settings.maximum_receive_count * var.queue_settings.visibility_timeout_seconds
    error_message = "message_retention_seconds must be at most 14 days (1209600), which is all SQS keeps, and longer than maximum_receive_count times visibility_timeout_seconds: a message that expires first is lost instead of being a dead letter."
  }

  validation {
    condition     = var.queue_settings.batch_size <= 10 || var.queue_settings.maximum_batching_window_seconds >= 1
    error_message = "A batch_size above 10 needs a maximum_batching_window_seconds of at least 1."
  }
}

variable "maximum_concurrency" {
  description = "How many batches the queue may have in the function at once."
  type        = number

  validation {
    condition     = var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000
    error_message = "maximum_concurrency must be from 2 to 1000, as Lambda takes it."
  }
}

variable "reserved_concurrency" {
  description = "Executions kept free for the function; null reserves none. Lambda refuses what would leave fewer than 100 to the account's other functions, so that an account with a new one's quota of 10 can reserve none."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || coalesce(var.reserved_concurrency, 0) >= var.maximum_concurrency
    error_message = "reserved_concurrency must be null or at least maximum_concurrency: with fewer the queue's batches are throttled, and each time counts as a receive."
  }
}

variable "log_retention_days" {
  description = "Days that the function's log is kept."
  type        = number

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a number of days that CloudWatch Logs takes, such as 14, 30, 90 or 365."
  }
}

variable "archive_retention_days" {
  description = "Days that the bus's archive keeps each event for a replay. The raw zone keeps them for good: the archive is for what never reached it."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.archive_retention_days >= 1 && floor(var.archive_retention_days) == var.archive_retention_days
    error_message = "archive_retention_days must be a whole number of days, 1 or more."
  }
}

variable "permissions_boundary_arn" {
  description = "The policy that bounds what this module's roles can be allowed; null for none."
  type        = string
  default     = null
}
