variable "name" {
  description = "Name of dbt's work group; the analysts' has -analysts after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 20 lower-case letters, digits and hyphens, from a letter to a letter or digit."
  }
}

variable "results_bucket" {
  description = "Name of the bucket for results; each work group has a prefix of its own there."
  type        = string
}

variable "bytes_scanned_cutoff" {
  description = "Bytes after which Athena cancels a query, by work group. A terabyte costs USD 5 in most regions, so the defaults let a query of dbt cost USD 0.50 and one of an analyst USD 0.13: a year of orders_events at a million events a day is 15 GB, with orders 24 (docs/connect-bi-on-aws.md)."
  type = object({
    dbt      = optional(number, 100000000000)
    analysts = optional(number, 25000000000)
  })
  default = {}

  validation {
    # Athena's own bound.
    condition     = alltrue([for bytes in values(var.bytes_scanned_cutoff) : bytes >= 10485760 && floor(bytes) == bytes])
    error_message = "Each of bytes_scanned_cutoff must be a whole number, at least 10485760 (10 MiB)."
  }
}

variable "force_destroy" {
  description = "Whether destroying a work group deletes its history of queries; false refuses to while there is one."
  type        = bool
}

variable "gold_database" {
  description = "Name of the gold database; silver's is that with _silver, as dbt calls it."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9_]+$", var.gold_database))
    error_message = "gold_database must be lower-case letters, digits and underscores."
  }
}
