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
  description = "The repository whose workflows may plan and deploy, as owner/name; null makes no role for GitHub."
  type        = string
  default     = null

  validation {
    # It becomes part of what the roles trust: nothing there may be a wildcard.
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$", var.github_repository))
    error_message = "github_repository must be owner/name, such as example/retailpulse."
  }
}

variable "github_subject_prefix" {
  description = "What the subject of the repository's tokens begins with, as GitHub tells it; null is `repo:<owner>/<name>`. A newer repository has ids in it: `repo:<owner>@<id>/<name>@<id>`."
  type        = string
  default     = null

  validation {
    # Like the repository: no wildcard, and nobody else's.
    condition = (
      var.github_subject_prefix == null
      || can(regex("^repo:[^:@/]+(@[0-9]+/[^:@/]+@[0-9]+|/[^:@/]+)$", var.github_subject_prefix))
      && replace(coalesce(var.github_subject_prefix, "null"), "/@[0-9]+/", "") == "repo:${coalesce(var.github_repository, "none/none")}"
    )
    error_message = "github_subject_prefix must be repo:<owner>/<name> or repo:<owner>@<id>/<name>@<id>, with the owner and the name of github_repository."
  }
}

variable "github_identity_provider_arn" {
  description = "The ARN of GitHub's identity provider, where the account has it already; null makes one. An account can have one alone."
  type        = string
  default     = null

  validation {
    condition     = var.github_identity_provider_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_identity_provider_arn))
    error_message = "github_identity_provider_arn must be arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com."
  }
}

variable "environment" {
  description = "The account's environment, such as dev or prod: the GitHub environment whose jobs may deploy to it."
  type        = string

  validation {
    # The state bucket's name has "state" where a bucket of an environment has the environment.
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment)) && var.environment != "state"
    error_message = "environment must be 2 to 10 lower-case letters and digits, a letter first, and not state."
  }
}

variable "force_destroy" {
  description = "Whether destroying deletes every state and image there is; false refuses to."
  type        = bool
  default     = false
}

variable "catalog_key_arn" {
  description = "The KMS key that Glue's catalog is encrypted with, which GitHub's roles and analysts then use; null for none of the account's own."
  type        = string
  default     = null
}

variable "lake_formation" {
  description = "Whether Lake Formation governs the tables, so that analysts ask it for access to their files."
  type        = bool
  default     = false
}

variable "image_builds" {
  description = "Whether CodeBuild can build dbt's image, for whoever has no Docker: `make image-codebuild`."
  type        = bool
  default     = false
}

variable "emulated" {
  description = "Whether AWS is an emulator, which has no credentials or regions to check."
  type        = bool
  default     = false
}
