locals {
  github = "token.actions.githubusercontent.com"

  # Who may take a role: the subject of GitHub's token, whole, so that no other repository, branch or
  # fork matches. GitHub gives a workflow of a fork's pull request no token at all, and one with the
  # subject of an environment only to a job that the environment's own rules let in.
  # None without a repository.
  has_github     = var.github_repository != null
  subject_prefix = var.github_subject_prefix == null ? "repo:${coalesce(var.github_repository, "none/none")}" : var.github_subject_prefix
  subjects = { for role, suffix in { plan = "pull_request", deploy = "environment:${var.environment}" } :
    role => "${local.subject_prefix}:${suffix}" if local.has_github
  }

  identity_provider_arn = local.makes_provider ? aws_iam_openid_connect_provider.github[0].arn : var.github_identity_provider_arn
  makes_provider        = local.has_github && var.github_identity_provider_arn == null
}

resource "aws_iam_openid_connect_provider" "github" {
  count = local.makes_provider ? 1 : 0

  url            = "https://${local.github}"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "trust" {
  for_each = local.subjects

  statement {
    sid     = "GitHubWorkflow"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.identity_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github}:sub"
      values   = [each.value]
    }
  }
}

resource "aws_iam_role" "github" {
  for_each = local.subjects

  name               = "${var.name}-${each.key}"
  path               = local.path
  description        = { plan = "Terraform's plans of pull requests", deploy = "Deployments to ${var.environment}" }[each.key]
  assume_role_policy = data.aws_iam_policy_document.trust[each.key].json

  # A deployment ends with its smoke test, whose run may take three hours.
  max_session_duration = { plan = 3600, deploy = 4 * 3600 }[each.key]
}

locals {
  # No pattern of deploy_roles.tf covers it: the deploy role can change neither role, none of their
  # policies, and not the boundary.
  path = "/bootstrap/"

  # A policy holds 6,144 characters at most, so a role has one for each theme.
  policies = {
    read-data           = { json = data.aws_iam_policy_document.read_data.json, roles = ["plan", "deploy"] }
    read-services       = { json = data.aws_iam_policy_document.read_services.json, roles = ["plan", "deploy"] }
    read-state          = { json = data.aws_iam_policy_document.read_state.json, roles = ["plan", "deploy"] }
    deploy-data         = { json = data.aws_iam_policy_document.deploy_data.json, roles = ["deploy"] }
    deploy-services     = { json = data.aws_iam_policy_document.deploy_services.json, roles = ["deploy"] }
    deploy-network      = { json = data.aws_iam_policy_document.deploy_network.json, roles = ["deploy"] }
    deploy-roles        = { json = data.aws_iam_policy_document.deploy_roles.json, roles = ["deploy"] }
    deploy-smoke        = { json = data.aws_iam_policy_document.deploy_smoke.json, roles = ["deploy"] }
    deploy-state-images = { json = data.aws_iam_policy_document.deploy_state_images.json, roles = ["deploy"] }
  }

  attachments = merge([
    for policy, settings in local.policies : {
      for role in settings.roles : "${role}/${policy}" => { role = role, policy = policy } if local.has_github
    }
  ]...)
}

resource "aws_iam_policy" "github" {
  for_each = { for policy, settings in local.policies : policy => settings if local.has_github }

  name   = "${var.name}-${each.key}"
  path   = local.path
  policy = each.value.json
}

resource "aws_iam_role_policy_attachment" "github" {
  for_each = local.attachments

  role       = aws_iam_role.github[each.value.role].name
  policy_arn = aws_iam_policy.github[each.value.policy].arn
}
