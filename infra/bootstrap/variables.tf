variable "name" {
  description = "First part of every name, here and in the environments."
  type        = string
  default     = "retailpulse"

  validation {
    # With account and region the state bucket's name has at most 63 characters.
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 20 lower-case letters, digits and hyphens, from a letter to a letter or digit."
  }
}

variable "github_repository" {
  description = "The repository whose workflows may plan and deploy, as owner/name."
  type        = string

  validation {
    # It becomes part of what the roles trust: nothing there may be a wildcard.
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$", var.github_repository))
    error_message = "github_repository must be owner/name, such as example/retailpulse."
  }
}

variable "environments" {
  description = "The environments of this account: those of the repository that may deploy to it. Name one alone where each has an account of its own."
  type        = set(string)
  default     = ["dev", "prod"]

  validation {
    # The state bucket's name has "state" where a bucket of an environment has the environment.
    condition     = length(var.environments) > 0 && alltrue([for each in var.environments : can(regex("^[a-z][a-z0-9]{1,9}$", each)) && each != "state"])
    error_message = "environments must be names of 2 to 10 lower-case letters and digits, and none of them state."
  }
}

variable "force_destroy" {
  description = "Whether destroying deletes every state and image there is; false refuses to."
  type        = bool
  default     = false
}

variable "emulated" {
  description = "Whether AWS is an emulator, which has no credentials or regions to check."
  type        = bool
  default     = false
}
