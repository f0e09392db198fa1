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

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/bootstrap/mocked" }
  }

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
  }
}

variables {
  github_repository = "example/retailpulse"
  environment       = "dev"
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

run "builds_no_image_unless_asked_to" {
  assert {
    condition     = length(aws_codebuild_project.image) + length(aws_iam_role.image_build) + length(aws_cloudwatch_log_group.image_build) == 0
    error_message = "There is a role that nobody asked for."
  }
}

run "builds_the_image_of_a_bundle_and_reads_nothing_else" {
  variables {
    image_builds = true
  }

  assert {
    condition     = aws_codebuild_project.image[0].name == "retailpulse-image" && one(aws_codebuild_project.image[0].source).location == "retailpulse-state-111122223333-eu-central-1/sources/image.zip"
    error_message = "retailpulse/cloud/deployment/image_build.py has another project, or puts the bundle elsewhere."
  }

  assert {
    condition = (
      yamldecode(one(aws_codebuild_project.image[0].source).buildspec).env["exported-variables"] == ["IMAGE"]
      && one(aws_codebuild_project.image[0].environment).type == "ARM_CONTAINER"
      && one(aws_codebuild_project.image[0].environment).privileged_mode
    )
    error_message = "A build tells no image, is for another processor than the task's, or has no Docker."
  }

  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.image_build.statement : [
        for resource in statement.resources : "${join(" ", sort(statement.actions))} ${resource}" if startswith(resource, "arn:aws:s3:") || resource == "*"
      ]
      ])) == toset([
      "s3:GetObject s3:GetObjectVersion arn:aws:s3:::state/sources/image.zip",
      "s3:GetBucketAcl s3:GetBucketLocation arn:aws:s3:::state",
      "ecr:GetAuthorizationToken *",
    ])
    error_message = "A build could read a state, or write one."
  }

  assert {
    condition     = one(data.aws_iam_policy_document.image_build_trust.statement[0].condition).values == tolist(["arn:aws:codebuild:eu-central-1:111122223333:project/retailpulse-image"])
    error_message = "Another project could take the role."
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
        "token.actions.githubusercontent.com:sub" = ["StringEquals", tolist(["repo:example/retailpulse:environment:dev"])]
      }
    }
    error_message = "Somebody else could plan or deploy, or a pull request deploy."
  }
}

run "trusts_a_repository_by_its_ids" {
  variables {
    github_subject_prefix = "repo:example@123456/retailpulse@456789"
  }

  assert {
    condition = local.subjects == {
      plan   = "repo:example@123456/retailpulse@456789:pull_request"
      deploy = "repo:example@123456/retailpulse@456789:environment:dev"
    }
    error_message = "A newer repository's workflows could take no role."
  }
}

run "makes_the_identity_provider" {
  assert {
    condition = (
      length(aws_iam_openid_connect_provider.github) == 1
      && one(data.aws_iam_policy_document.trust["deploy"].statement[0].principals).identifiers == toset([aws_iam_openid_connect_provider.github[0].arn])
    )
    error_message = "The roles trust no provider."
  }
}

run "uses_the_identity_provider_that_is_there" {
  variables {
    github_identity_provider_arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition = (
      length(aws_iam_openid_connect_provider.github) == 0
      && one(data.aws_iam_policy_document.trust["deploy"].statement[0].principals).identifiers == toset([var.github_identity_provider_arn])
    )
    error_message = "An account can have one alone, and it would be destroyed with the rest."
  }
}

run "lets_a_deployment_last_as_long_as_its_smoke_test" {
  assert {
    condition     = aws_iam_role.github["deploy"].max_session_duration == 14400 && aws_iam_role.github["plan"].max_session_duration == 3600
    error_message = "deploy.yml asks for four hours."
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
      ]) : can(regex(":(Describe|Get|List|Validate|View)[A-Za-z]+$", action))
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

run "lets_an_analyst_read_gold_and_silver_and_nothing_else" {
  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.analyst.statement : [
        for action in statement.actions :
        can(regex(":(BatchGet|Get|List)[A-Za-z]+$", action)) || contains(["athena:StartQueryExecution", "athena:StopQueryExecution"], action) || statement.sid == "KeepTheAnswer"
      ]
    ]))
    error_message = "An analyst could change something."
  }

  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.analyst.statement : [
        for resource in statement.resources : resource if startswith(resource, "arn:aws:s3:") || strcontains(resource, ":table/") || strcontains(resource, ":workgroup/")
      ]
      ])) == toset([
      "arn:aws:s3:::retailpulse-dev-111122223333-lakehouse",
      "arn:aws:s3:::retailpulse-dev-111122223333-lakehouse/*",
      "arn:aws:s3:::retailpulse-dev-111122223333-results",
      "arn:aws:s3:::retailpulse-dev-111122223333-results/analysts/*",
      "arn:aws:glue:*:111122223333:table/retailpulse/*",
      "arn:aws:glue:*:111122223333:table/retailpulse_silver/*",
      "arn:aws:athena:*:111122223333:workgroup/retailpulse-analysts",
    ])
    error_message = "An analyst could read raw, or what dbt asked, or somebody else's."
  }

  assert {
    condition     = aws_iam_policy.analyst.name == "retailpulse-analyst" && aws_iam_policy.analyst.path == "/bootstrap/"
    error_message = "A deployment could widen what analysts may."
  }
}

run "uses_the_key_of_an_encrypted_catalog" {
  variables {
    catalog_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1"
    lake_formation  = true
  }

  assert {
    condition = alltrue([
      for document in [data.aws_iam_policy_document.analyst, data.aws_iam_policy_document.read_data, data.aws_iam_policy_document.deploy_data] :
      one([for statement in document.statement : statement.resources if contains(statement.actions, "kms:Decrypt")]) == toset(["arn:aws:kms:eu-central-1:111122223333:key/1"])
    ])
    error_message = "Somebody could not read the catalog, or use another key."
  }

  assert {
    condition     = length([for statement in data.aws_iam_policy_document.analyst.statement : statement if contains(statement.actions, "lakeformation:GetDataAccess")]) == 1
    error_message = "An analyst could not read a table that Lake Formation governs."
  }
}

run "lets_a_deployment_tell_its_end_to_one_topic" {
  assert {
    condition = {
      for document in [data.aws_iam_policy_document.deploy_services, data.aws_iam_policy_document.deploy_smoke] :
      "sns:Publish" => flatten([for statement in document.statement : tolist(statement.resources) if contains(statement.actions, "sns:Publish")])...
    }["sns:Publish"] == [[], ["arn:aws:sns:*:111122223333:retailpulse-alerts"]]
    error_message = "A deployment could write to another topic, or its end is told to nobody."
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
        contains([
          "arn:aws:iam::111122223333:role/retailpulse-*",
          "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
          "arn:aws:iam::111122223333:role/aws-service-role/management.chatbot.amazonaws.com/AWSServiceRoleForAWSChatbot",
        ], resource)
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

run "lets_a_deployment_change_only_its_own_network_and_mappings" {
  # What changes or deletes something names whose it is, by tags or by the function.
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.deploy_network.statement : (
        { for condition in statement.condition : condition.variable => tolist(condition.values) }
        == { "aws:ResourceTag/Project" = tolist(["retailpulse"]), "aws:ResourceTag/Environment" = tolist(["dev"]) }
      ) if !contains(["MakeNetwork", "TagWhatIsMade", "TagTheDefaultSecurityGroup", "Rules"], statement.sid)
    ])
    error_message = "A network of somebody else's could be changed."
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.deploy_network.statement :
      alltrue([for action in statement.actions : startswith(action, "ec2:Create")]) if statement.sid == "MakeNetwork"
    ])
    error_message = "What is there already could be changed."
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.deploy_services.statement :
      one(statement.condition).variable == "lambda:FunctionArn" && one(statement.condition).values == tolist([local.functions])
      if length([for action in statement.actions : action if endswith(action, "EventSourceMapping")]) > 0
    ])
    error_message = "Another function's event source could be taken away."
  }
}

run "names_nothing_of_another_environment" {
  variables {
    environment = "prod"
  }

  assert {
    condition = alltrue([
      for statement in concat(data.aws_iam_policy_document.deploy_data.statement, data.aws_iam_policy_document.read_data.statement) :
      statement.resources == toset(["arn:aws:s3:::retailpulse-prod-111122223333-*"]) if statement.sid == "Buckets"
    ])
    error_message = "The buckets of dev are named in prod's account."
  }

  assert {
    condition     = data.aws_iam_policy_document.trust["deploy"].statement[0].condition != null && local.subjects.deploy == "repo:example/retailpulse:environment:prod"
    error_message = "The environment dev could deploy to prod's account."
  }
}

run "needs_no_github" {
  variables {
    github_repository = null
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) + length(aws_iam_role.github) + length(aws_iam_policy.github) + length(aws_iam_role_policy_attachment.github) == 0
    error_message = "Somebody else's workflows could be trusted, or a policy is of no use."
  }

  assert {
    condition     = output.plan_role_arn == null && output.deploy_role_arn == null
    error_message = "A role is told that is not there."
  }

  assert {
    condition     = output.permissions_boundary_arn != null && aws_iam_policy.analyst.name == "retailpulse-analyst"
    error_message = "A person could not deploy, or an analyst not read."
  }
}

run "refuses_a_subject_without_a_repository" {
  command = plan

  variables {
    github_repository     = null
    github_subject_prefix = "repo:example/retailpulse"
  }

  expect_failures = [var.github_subject_prefix]
}

run "refuses_a_wildcard_in_a_subject" {
  command = plan

  variables {
    github_subject_prefix = "repo:example@*/retailpulse@*"
  }

  expect_failures = [var.github_subject_prefix]
}

run "refuses_the_subject_of_another_repository" {
  command = plan

  variables {
    github_subject_prefix = "repo:example@123456/other@456789"
  }

  expect_failures = [var.github_subject_prefix]
}

run "refuses_half_an_immutable_subject" {
  command = plan

  variables {
    github_subject_prefix = "repo:example@123456/retailpulse"
  }

  expect_failures = [var.github_subject_prefix]
}

run "refuses_another_identity_provider" {
  command = plan

  variables {
    github_identity_provider_arn = "arn:aws:iam::111122223333:oidc-provider/example.com"
  }

  expect_failures = [var.github_identity_provider_arn]
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
    environment = "state"
  }

  expect_failures = [var.environment]
}
