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

variable "function_name" {
  description = "The function that lands the queue's batches."
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

variable "thresholds" {
  description = "When the alarms go off. `oldest_message_seconds`: the age of the oldest message in the queue. `gold_stale_minutes`: time without a fast run that succeeded, a multiple of 5; null where no runs are scheduled. More than the daily run takes, as fast runs wait for it. `bytes_scanned_per_day`: what a work group may read in 24 hours, by the keys of `work_group_names`; 10^12 bytes cost about USD 5."
  type = object({
    oldest_message_seconds = optional(number, 300)
    # Not optional: with a default, null would be the default.
    gold_stale_minutes    = number
    bytes_scanned_per_day = map(number)
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
    condition     = alltrue([for budget in values(var.thresholds.bytes_scanned_per_day) : budget > 0])
    error_message = "Each of bytes_scanned_per_day must be more than 0."
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
