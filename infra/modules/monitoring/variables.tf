variable "name" {
  description = "What every name of this module begins with."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,23}$", var.name))
    error_message = "name must be 2 to 24 lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "bus_name" {
  description = "The event bus."
  type        = string
}

variable "rule_name" {
  description = "The rule that takes the bus's events to the queue."
  type        = string
}

variable "queue_name" {
  description = "The ingestion queue."
  type        = string
}

variable "dead_letter_queue_names" {
  description = "The dead-letter queues, by what failed: an alarm each."
  type        = map(string)
}

variable "refused_calls_queue_name" {
  description = "The queue that keeps what the function was called with and does not understand."
  type        = string
}

variable "function" {
  description = "The function that lands the queue's batches, its log, and what it has of time and memory."
  type = object({
    name            = string
    log_group_name  = string
    timeout_seconds = number
    memory_mb       = number
  })
}

variable "task" {
  description = "The log of the container that runs dbt, and its memory in MiB."
  type = object({
    log_group_name = string
    memory_mb      = number
  })
}

variable "lakehouse_bucket_name" {
  description = "The bucket of the tables' files."
  type        = string
}

variable "state_machine_arn" {
  description = "The state machine that runs dbt."
  type        = string
}

variable "work_group_names" {
  description = "Athena's work groups, by who uses them: a budget and an alarm each."
  type        = map(string)
}

variable "alert_emails" {
  description = "Addresses that each get every alert. AWS sends each a link to confirm first."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "Each of alert_emails must be an e-mail address."
  }
}

variable "slack_channel" {
  description = "The Slack channel that shows the alerts, by ids; null for none. The workspace has to be authorized in the console of Amazon Q Developer in chat applications first, once an account."
  type = object({
    workspace_id = string
    channel_id   = string
  })
  default = null

  validation {
    condition     = var.slack_channel == null || try(can(regex("^T[A-Z0-9]+$", var.slack_channel.workspace_id)) && can(regex("^[CG][A-Z0-9]+$", var.slack_channel.channel_id)), false)
    error_message = "slack_channel needs the ids that Slack shows: a workspace's begins with T, a channel's with C or G."
  }
}

variable "monthly_budget_usd" {
  description = "USD a month of which AWS tells the topic when 80 % are spent, and when a month's forecast is above it; null for no budget. It is the account's."
  type        = number
  default     = null

  validation {
    condition     = var.monthly_budget_usd == null || try(var.monthly_budget_usd > 0, false)
    error_message = "monthly_budget_usd must be more than 0, or null."
  }
}

variable "permissions_boundary_arn" {
  description = "The policy that bounds what this module's role can be allowed; null for none."
  type        = string
  default     = null
}

variable "thresholds" {
  description = "When the alarms go off. `oldest_message_seconds`: the age of the oldest message in the queue. `gold_stale_minutes`: time without a fast run that succeeded, a multiple of 5; null where no runs are scheduled. More than the daily run takes, as fast runs wait for it. `bytes_scanned_per_day`: what a work group may read in 24 hours, by the keys of `work_group_names`; 10^12 bytes cost about USD 5. `lakehouse_bytes`: what the tables may take, old snapshots included; 10^12 bytes cost about USD 23 a month."
  type = object({
    oldest_message_seconds = optional(number, 300)
    # Not optional: with a default, null would be the default.
    gold_stale_minutes    = number
    bytes_scanned_per_day = map(number)
    lakehouse_bytes       = optional(number, 1000000000000)
  })

  validation {
    condition     = var.thresholds.oldest_message_seconds > 0
    error_message = "oldest_message_seconds must be more than 0."
  }

  validation {
    condition     = var.thresholds.gold_stale_minutes == null || try(var.thresholds.gold_stale_minutes >= 5 && var.thresholds.gold_stale_minutes <= 1440 && var.thresholds.gold_stale_minutes % 5 == 0, false)
    error_message = "gold_stale_minutes must be null or a multiple of 5 up to 1440: an alarm looks back a day at most, here by five minutes."
  }

  validation {
    condition     = toset(keys(var.thresholds.bytes_scanned_per_day)) == toset(keys(var.work_group_names))
    error_message = "bytes_scanned_per_day must have a number for each of work_group_names, and no other."
  }

  validation {
    condition     = alltrue([for bytes in concat(values(var.thresholds.bytes_scanned_per_day), [var.thresholds.lakehouse_bytes]) : bytes > 0])
    error_message = "lakehouse_bytes and each of bytes_scanned_per_day must be more than 0."
  }
}

variable "runbooks_url" {
  description = "Where docs/runbooks is read, which the alarms link: an address, or a path in the repository; no slash at its end."
  type        = string

  validation {
    condition     = !endswith(var.runbooks_url, "/")
    error_message = "runbooks_url must have no slash at its end."
  }
}
