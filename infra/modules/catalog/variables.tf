variable "name" {
  description = "Name of the gold database, with _ for -; the other layers' databases have the layer's name after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 20 lower-case letters, digits and hyphens, from a letter to a letter or digit."
  }
}

variable "raw_bucket" {
  description = "Name of the bucket that the ingester writes to."
  type        = string
}

variable "event_types" {
  description = "The known event types: the names of the contracts."
  type        = set(string)

  validation {
    # An enum is one text with commas, and each value is a part of an object's key.
    condition     = length(var.event_types) > 0 && alltrue([for each in var.event_types : can(regex("^[a-z][a-z0-9_]{0,63}$", each))])
    error_message = "event_types must hold at least one name of lower-case letters, digits and underscores."
  }

  validation {
    condition     = !contains(var.event_types, "unknown")
    error_message = "event_types must not hold unknown: it is what every other type becomes."
  }
}

variable "first_day" {
  description = "The first day of arrival, UTC, as YYYY-MM-DD. A query without a bound lists every hour since."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", var.first_day)) && can(timeadd("${var.first_day}T00:00:00Z", "0s"))
    error_message = "first_day must be a day, written YYYY-MM-DD."
  }
}

variable "raw_table_template" {
  description = "Path of the raw table's definition, which retailpulse/cloud/athena_lake.py reads too."
  type        = string
}

variable "tables_by_iam" {
  description = "Whether IAM alone decides about the tables of these databases, also where Lake Formation would by the account's default."
  type        = bool
  default     = false
}
