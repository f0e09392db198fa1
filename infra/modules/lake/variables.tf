variable "name" {
  description = "First part of every bucket's name."
  type        = string

  validation {
    # With environment, account and kind a bucket's name has at most 63 characters.
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 20 lower-case letters, digits and hyphens, from a letter to a letter or digit."
  }
}

variable "environment" {
  description = "Second part of every bucket's name, such as dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment))
    error_message = "environment must be 2 to 10 lower-case letters and digits, beginning with a letter."
  }
}

variable "force_destroy" {
  description = "Whether destroying a bucket deletes what it holds; false refuses to."
  type        = bool
}

variable "raw_retention_days" {
  description = "Days after which raw objects are deleted; null keeps them. A deleted object can be restored for another 30 days."
  type        = number
  default     = null

  validation {
    condition     = var.raw_retention_days == null || try(var.raw_retention_days >= 1 && floor(var.raw_retention_days) == var.raw_retention_days, false)
    error_message = "raw_retention_days must be a whole number of days, 1 or more, or null."
  }
}

variable "artifacts_retention_days" {
  description = "Days after which what a run of dbt left (its manifest and results) is deleted."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.artifacts_retention_days >= 1 && floor(var.artifacts_retention_days) == var.artifacts_retention_days
    error_message = "artifacts_retention_days must be a whole number of days, 1 or more."
  }
}
