mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::state" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::111122223333:policy/bootstrap/mocked" }
  }

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
  }
}

variables {
  github_repository = "example/retailpulse"
}

run "keeps_every_state" {
  assert {
    condition     = output.state_bucket.name == "retailpulse-state-111122223333-eu-central-1"
    error_message = "The state bucket has another name than the one that make bootstrap expects."
  }

  assert {
    condition     = one(aws_s3_bucket_versioning.state.versioning_configuration).status == "Enabled" && !aws_s3_bucket.state.force_destroy
    error_message = "A state could be lost."
  }
}

run "keeps_each_image_as_it_was_pushed" {
  assert {
    condition     = aws_ecr_repository.this.name == "retailpulse" && aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE"
    error_message = "A tag could mean another image tomorrow."
  }

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this.policy).rules[0].selection.countNumber == 30
    error_message = "Not the last 30 images are kept."
  }
}

run "trusts_this_repository_alone" {
  assert {
    condition = {
      for role, document in data.aws_iam_policy_document.trust : role => {
        for condition in document.statement[0].condition : condition.variable => [condition.test, condition.values]
      }
      } == {
      plan = {
        "token.actions.githubusercontent.com:aud" = ["StringEquals", tolist(["sts.amazonaws.com"])]
        "token.actions.githubusercontent.com:sub" = ["StringEquals", tolist(["repo:example/retailpulse:pull_request"])]
      }
      deploy = {
        "token.actions.githubusercontent.com:aud" = ["StringEquals", tolist(["sts.amazonaws.com"])]
        "token.actions.githubusercontent.com:sub" = ["StringEquals", tolist(["repo:example/retailpulse:environment:dev", "repo:example/retailpulse:environment:prod"])]
      }
    }
    error_message = "Somebody else could plan or deploy, or a pull request deploy."
  }
}

run "lets_a_plan_read_and_do_nothing_else" {
  assert {
    condition     = sort([for attachment in aws_iam_role_policy_attachment.github : attachment.role if attachment.role == aws_iam_role.github["plan"].name]) == tolist(["retailpulse-plan", "retailpulse-plan", "retailpulse-plan"])
    error_message = "The plan role has not exactly its three policies."
  }

  assert {
    condition = alltrue([
      for action in flatten([
        for document in [
          data.aws_iam_policy_document.read_data,
          data.aws_iam_policy_document.read_services,
          data.aws_iam_policy_document.read_state,
        ] : [for statement in document.statement : tolist(statement.actions)]
      ]) : can(regex(":(Describe|Get|List|Validate)[A-Za-z]+$", action))
    ])
    error_message = "A plan could change something."
  }

  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.read_state.statement : [
        for resource in statement.resources : resource == "arn:aws:s3:::state" || startswith(resource, "arn:aws:s3:::state/environments/")
      ]
    ]))
    error_message = "A plan could read the state of bootstrap."
  }

  assert {
    condition = length(setintersection(
      ["s3:GetObject", "athena:GetQueryResults", "dynamodb:GetItem", "logs:GetLogEvents"],
      flatten([
        for document in [data.aws_iam_policy_document.read_data, data.aws_iam_policy_document.read_services] :
        [for statement in document.statement : tolist(statement.actions)]
      ])
    )) == 0
    error_message = "A plan could read customers' data."
  }
}

run "lets_a_deployment_make_only_bounded_roles" {
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.deploy_roles.statement :
      length([for condition in statement.condition : condition if condition.variable == "iam:PermissionsBoundary" && condition.test == "StringEquals" && condition.values == tolist([output.permissions_boundary_arn])]) == 1
      if length(setintersection(statement.actions, ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"])) > 0
    ])
    error_message = "A role could be made that may do everything."
  }

  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.deploy_roles.statement : [
        for resource in statement.resources :
        resource == "arn:aws:iam::111122223333:role/retailpulse-*" || resource == "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
      ]
    ]))
    error_message = "A deployment could change other roles, or its own."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.github : role.path == "/bootstrap/"]) && aws_iam_policy.boundary.path == "/bootstrap/"
    error_message = "The deploy role's own name is one that it may change."
  }

  assert {
    condition     = !anytrue(flatten([for statement in data.aws_iam_policy_document.boundary.statement : [for action in statement.actions : startswith(action, "iam:") && action != "iam:PassRole"]]))
    error_message = "A role of an environment could make roles."
  }
}

run "names_nothing_of_another_environment" {
  variables {
    environments = ["prod"]
  }

  assert {
    condition = alltrue([
      for statement in concat(data.aws_iam_policy_document.deploy_data.statement, data.aws_iam_policy_document.read_data.statement) :
      statement.resources == toset(["arn:aws:s3:::retailpulse-prod-111122223333-*"]) if statement.sid == "Buckets"
    ])
    error_message = "The buckets of dev are named in prod's account."
  }

  assert {
    condition     = data.aws_iam_policy_document.trust["deploy"].statement[0].condition != null && local.subjects.deploy == ["repo:example/retailpulse:environment:prod"]
    error_message = "The environment dev could deploy to prod's account."
  }
}

run "refuses_a_wildcard_for_a_repository" {
  command = plan

  variables {
    github_repository = "example/*"
  }

  expect_failures = [var.github_repository]
}

run "refuses_an_environment_whose_buckets_would_be_the_states" {
  command = plan

  variables {
    environments = ["state"]
  }

  expect_failures = [var.environments]
}
