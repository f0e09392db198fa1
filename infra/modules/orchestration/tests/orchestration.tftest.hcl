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
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/a-role" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:a-group" }
  }
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/retailpulse-lease" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:111122223333:cluster/retailpulse" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/retailpulse-dbt:7" }
  }
  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:eu-central-1:111122223333:stateMachine:retailpulse-runs" }
  }
}

variables {
  name        = "retailpulse"
  environment = "dev"
  image       = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/data/retailpulse@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  buckets = {
    raw       = { name = "a-raw", arn = "arn:aws:s3:::a-raw" }
    lakehouse = { name = "a-lakehouse", arn = "arn:aws:s3:::a-lakehouse" }
    results   = { name = "a-results", arn = "arn:aws:s3:::a-results" }
    artifacts = { name = "a-artifacts", arn = "arn:aws:s3:::a-artifacts" }
    docs      = { name = "a-docs", arn = "arn:aws:s3:::a-docs" }
  }
  databases = {
    gold    = { name = "retailpulse", arn = "arn:aws:glue:eu-central-1:111122223333:database/retailpulse" }
    raw     = { name = "retailpulse_raw", arn = "arn:aws:glue:eu-central-1:111122223333:database/retailpulse_raw" }
    staging = { name = "retailpulse_staging", arn = "arn:aws:glue:eu-central-1:111122223333:database/retailpulse_staging" }
    silver  = { name = "retailpulse_silver", arn = "arn:aws:glue:eu-central-1:111122223333:database/retailpulse_silver" }
  }
  work_group       = { name = "retailpulse", arn = "arn:aws:athena:eu-central-1:111122223333:workgroup/retailpulse" }
  alerts_topic_arn = "arn:aws:sns:eu-central-1:111122223333:retailpulse-alerts"
  runbooks_url     = "https://example.com/runbooks"
}

run "names_and_schedules" {
  assert {
    condition     = aws_sfn_state_machine.this.name == "retailpulse-runs" && aws_dynamodb_table.lease.name == "retailpulse-lease"
    error_message = "The state machine and the lease's table have other names."
  }
  assert {
    condition = {
      for kind, schedule in aws_scheduler_schedule.this :
      schedule.name => [schedule.schedule_expression, schedule.state, jsondecode(schedule.target[0].input)]
      } == {
      retailpulse-fast   = ["rate(5 minutes)", "ENABLED", { kind = "fast" }]
      retailpulse-hourly = ["cron(7 * * * ? *)", "ENABLED", { kind = "hourly" }]
      retailpulse-daily  = ["cron(23 3 * * ? *)", "ENABLED", { kind = "daily" }]
    }
    error_message = "The schedules start other runs, or at other times."
  }
  assert {
    condition     = output.state_machine.name == "retailpulse-runs" && output.task_definition.family == "retailpulse-dbt" && output.log_group_name == "/retailpulse/dbt"
    error_message = "The outputs name something else."
  }
}

run "schedules_can_be_off" {
  variables {
    schedules_enabled = false
    schedules         = { fast = "rate(15 minutes)" }
  }

  assert {
    condition     = alltrue([for schedule in aws_scheduler_schedule.this : schedule.state == "DISABLED"])
    error_message = "A schedule is on."
  }
  assert {
    condition     = aws_scheduler_schedule.this["fast"].schedule_expression == "rate(15 minutes)" && aws_scheduler_schedule.this["daily"].schedule_expression == "cron(23 3 * * ? *)"
    error_message = "A schedule that is given must not change the others."
  }
}

run "a_lease_outlasts_an_attempt" {
  variables {
    timeouts = { fast = 600, hourly = 1200, daily = 10800 }
  }

  assert {
    condition = {
      for kind in ["Fast", "Hourly", "Daily", "Repair"] :
      kind => jsondecode(aws_sfn_state_machine.this.definition).States["Run${kind}"].TimeoutSeconds
    } == { Fast = 600, Hourly = 1200, Daily = 10800, Repair = 10800 }
    error_message = "An attempt has another timeout than its kind."
  }
  assert {
    condition = alltrue([
      for kind, seconds in jsondecode(aws_sfn_state_machine.this.definition).States.KindOfRun.Choices[0].Assign.leaseSeconds :
      seconds >= local.timeouts[kind] + local.stop_wait_seconds + local.backoff_seconds.longest + 60
    ])
    error_message = "A lease can expire while its run lives: it is shorter than an attempt, its clean-up and the longest back-off."
  }
  assert {
    condition     = local.stop_wait_seconds > local.stop_timeout_seconds
    error_message = "Queries would be cancelled while the container can still start some."
  }
  assert {
    condition = alltrue([
      for kind in ["Fast", "Hourly", "Daily", "Repair"] :
      jsondecode(aws_sfn_state_machine.this.definition).States["Run${kind}"].HeartbeatSeconds < jsondecode(aws_sfn_state_machine.this.definition).States["Run${kind}"].TimeoutSeconds
    ])
    error_message = "Step Functions refuses a heartbeat that is not shorter than the timeout."
  }
}

run "every_call_is_retried_and_every_failure_has_a_way_on" {
  assert {
    condition = alltrue([
      for state in concat(
        values(jsondecode(aws_sfn_state_machine.this.definition).States),
        [for name, map in { StopTasks = "StopTask", CancelQueries = "CancelQuery" } : jsondecode(aws_sfn_state_machine.this.definition).States[name].ItemProcessor.States[map]],
      ) :
      slice(flatten(reverse(state.Catch)[*].ErrorEquals), 0, 2) == ["States.ALL", "States.DataLimitExceeded"]
      if contains(["Task", "Map"], state.Type)
    ])
    error_message = "A task's failure would end the execution with the lease held and nobody told."
  }
  assert {
    condition = alltrue([
      for name, state in jsondecode(aws_sfn_state_machine.this.definition).States :
      anytrue([for retry in state.Retry : contains(retry.ErrorEquals, "States.ALL") && try(retry.JitterStrategy, "") == "FULL"])
      if state.Type == "Task" && !startswith(name, "Run")
    ])
    error_message = "A call of the state machine's own is not retried."
  }
  # An alarm of infra/modules/monitoring takes what is counted off what failed.
  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.this.definition).States.Notify.Next == "CountFailed"
      && toset(jsondecode(aws_sfn_state_machine.this.definition).States.Notify.Catch[*].Next) == toset(["ReleaseLeaseOfFailed"])
    )
    error_message = "A failure is counted that nobody was told of, or the other way round."
  }
  # A retry there would run beside what it left: WhatNow decides, after the clean-up.
  assert {
    condition = alltrue([
      for kind in ["Fast", "Hourly", "Daily", "Repair"] :
      !contains(keys(jsondecode(aws_sfn_state_machine.this.definition).States["Run${kind}"]), "Retry")
    ])
    error_message = "A run is retried without a clean-up in between."
  }
}

run "a_silent_container_is_told_from_a_slow_one" {
  # Step Functions reports States.Timeout for both. Catchers are tried in their order.
  assert {
    condition = alltrue([
      for kind in ["Fast", "Hourly", "Daily", "Repair"] :
      jsondecode(aws_sfn_state_machine.this.definition).States["Run${kind}"].Catch[0].ErrorEquals == ["States.HeartbeatTimeout"]
      && jsondecode(aws_sfn_state_machine.this.definition).States["Run${kind}"].Catch[0].Assign.error == "HeartbeatTimeout"
      && jsondecode(aws_sfn_state_machine.this.definition).States["Run${kind}"].Catch[0].Next == "FindTasks"
    ])
    error_message = "A missed heartbeat keeps the name that a timeout has."
  }
  assert {
    condition = {
      for error in ["Transient", "HeartbeatTimeout", "ECS.ServerException", "AmazonECS.Unknown", "States.Timeout", "TestFailed", "RunFailed", "Unknown"] :
      error => can(regex(regex("/(.*)/", jsondecode(aws_sfn_state_machine.this.definition).States.WhatNow.Choices[0].Condition)[0], error))
      } == {
      "Transient"      = true, "HeartbeatTimeout" = true, "ECS.ServerException" = true, "AmazonECS.Unknown" = true,
      "States.Timeout" = false, "TestFailed" = false, "RunFailed" = false, "Unknown" = false
    }
    error_message = "Something else is tried again than what can pass."
  }
}

run "no_choice_waits_for_a_name_that_only_a_catcher_knows" {
  # docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
  assert {
    condition = alltrue([
      for name, state in jsondecode(aws_sfn_state_machine.this.definition).States :
      length(regexall("States[.\\[\\]]+(ALL|HeartbeatTimeout|TaskFailed)", jsonencode(state.Choices))) == 0
      if state.Type == "Choice"
    ])
    error_message = "States.ALL, States.HeartbeatTimeout and States.TaskFailed match errors, and are the name of none."
  }
}

run "a_deployment_is_the_next_attempts_and_stops_none" {
  assert {
    condition = alltrue([
      for kind in ["Fast", "Hourly", "Daily", "Repair"] :
      jsondecode(aws_sfn_state_machine.this.definition).States["Run${kind}"].Arguments.TaskDefinition == "retailpulse-dbt"
    ])
    error_message = "A revision that is gone could not be started by a run that was under way."
  }
  assert {
    condition = one([
      for statement in data.aws_iam_policy_document.state_machine.statement : statement.resources if statement.sid == "RunTask"
    ]) == toset(["arn:aws:ecs:eu-central-1:111122223333:task-definition/retailpulse-dbt:*"])
    error_message = "The state machine may not start each revision of the family, or more than those."
  }
}

run "a_fast_run_begins_on_spot_and_no_other_does" {
  assert {
    condition     = aws_ecs_cluster_capacity_providers.this.capacity_providers == toset(["FARGATE", "FARGATE_SPOT"])
    error_message = "The cluster lacks what the state machine asks it for."
  }
  assert {
    condition = {
      for kind in ["Fast", "Hourly", "Daily", "Repair"] :
      kind => jsondecode(aws_sfn_state_machine.this.definition).States["Run${kind}"].Arguments.CapacityProviderStrategy[0].CapacityProvider
      } == {
      Fast   = "{% $attempt = 1 ? 'FARGATE_SPOT' : 'FARGATE' %}"
      Hourly = "FARGATE"
      Daily  = "FARGATE"
      Repair = "FARGATE"
    }
    error_message = "Another run begins on Spot, or a fast one does not."
  }
}

run "without_spot" {
  variables {
    spot = false
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).States.RunFast.Arguments.CapacityProviderStrategy[0].CapacityProvider == "FARGATE"
    error_message = "Fast runs begin on Spot all the same."
  }
}

run "the_container_is_confined" {
  assert {
    condition = (
      jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem
      && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].image == var.image
      && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].mountPoints[0].containerPath == "/scratch"
    )
    error_message = "The container can write outside its volume, or runs another image."
  }
  assert {
    condition     = aws_ecs_task_definition.this.runtime_platform[0].cpu_architecture == "ARM64"
    error_message = "The task must run on ARM by default."
  }
  assert {
    condition = (
      length(aws_security_group.dbt.ingress) == 0
      && aws_vpc_security_group_egress_rule.https.from_port == 443
      && aws_vpc_security_group_egress_rule.https.to_port == 443
      && aws_vpc_security_group_egress_rule.https.ip_protocol == "tcp"
    )
    error_message = "Something comes in, or something other than HTTPS goes out."
  }
}

run "its_own_network" {
  assert {
    condition     = length(aws_subnet.public) == 2 && aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway"
    error_message = "There must be two subnets and a gateway to S3."
  }
  assert {
    condition     = contains(data.aws_availability_zones.available[0].exclude_zone_ids, "use1-az3")
    error_message = "A subnet could be in a zone where Fargate has no ARM."
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).States.RunFast.Arguments.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp == "ENABLED"
    error_message = "Without a public address a task in a public subnet reaches nothing."
  }
}

run "the_users_network" {
  variables {
    subnets = { vpc_id = "vpc-1", subnet_ids = ["subnet-b", "subnet-a"] }
  }

  assert {
    condition     = length(aws_vpc.this) + length(aws_subnet.public) + length(aws_internet_gateway.this) + length(aws_vpc_endpoint.s3) == 0
    error_message = "A network is made beside the user's."
  }
  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.this.definition).States.RunFast.Arguments.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp == "DISABLED"
      && toset(jsondecode(aws_sfn_state_machine.this.definition).States.RunFast.Arguments.NetworkConfiguration.AwsvpcConfiguration.Subnets) == toset(["subnet-a", "subnet-b"])
      && aws_security_group.dbt.vpc_id == "vpc-1"
      && output.security_group_id == aws_security_group.dbt.id
    )
    error_message = "The task does not run in the user's subnets, or has a public address there."
  }
}

run "rights_are_exact" {
  assert {
    condition = alltrue([
      for document in [
        data.aws_iam_policy_document.scheduler,
        data.aws_iam_policy_document.state_machine,
        data.aws_iam_policy_document.execution,
        data.aws_iam_policy_document.task,
      ] :
      alltrue([for statement in document.statement : alltrue([for action in statement.actions : !strcontains(action, "*")])])
    ])
    error_message = "A policy has a wildcard in an action."
  }
  assert {
    condition = toset(flatten([
      for document in [
        data.aws_iam_policy_document.scheduler,
        data.aws_iam_policy_document.state_machine,
        data.aws_iam_policy_document.execution,
        data.aws_iam_policy_document.task,
      ] :
      [for statement in document.statement : statement.sid if contains(statement.resources, "*")]
    ])) == toset(["FindTasks", "Count", "WriteLog", "LogInToRegistry", "Report"])
    error_message = "A statement other than those whose service knows no resources is for all of them."
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.state_machine.statement :
      statement.condition != null && length(statement.condition) == 1 if contains(["FindTasks", "Count", "RunTask", "GiveTaskItsRoles"], statement.sid)
    ])
    error_message = "A statement has lost the condition that limits it."
  }
  assert {
    condition     = toset(flatten([for statement in data.aws_iam_policy_document.scheduler.statement : concat(tolist(statement.actions), tolist(statement.resources))])) == toset(["states:StartExecution", aws_sfn_state_machine.this.arn])
    error_message = "The scheduler may do more than start runs."
  }
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.task.statement :
      alltrue([for resource in statement.resources : !strcontains(resource, "a-raw") && !strcontains(resource, "retailpulse_raw")])
      if anytrue([for action in statement.actions : can(regex("Put|Delete|Create|Update|Abort", action))])
    ])
    error_message = "dbt may change the raw zone."
  }
  assert {
    condition     = local.repository_arn == "arn:aws:ecr:eu-central-1:111122223333:repository/data/retailpulse"
    error_message = "The image is fetched from another repository than it is in."
  }
}

run "an_image_by_tag_is_refused" {
  command = plan
  variables {
    image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/retailpulse:latest"
  }
  expect_failures = [var.image]
}

run "a_timeout_shorter_than_a_heartbeat_is_refused" {
  command = plan
  variables {
    timeouts = { fast = 300 }
  }
  expect_failures = [var.timeouts]
}

run "a_heartbeat_that_dbt_cannot_keep_is_refused" {
  command = plan
  variables {
    heartbeat_seconds = 30
  }
  expect_failures = [var.heartbeat_seconds]
}

run "a_schedule_that_is_none_is_refused" {
  command = plan
  variables {
    schedules = { hourly = "every hour" }
  }
  expect_failures = [var.schedules]
}

run "memory_that_fargate_does_not_have_is_refused" {
  command = plan
  variables {
    cpu    = 1024
    memory = 1024
  }
  expect_failures = [var.memory]
}

run "more_memory_than_fargate_has_is_refused" {
  command = plan
  variables {
    cpu    = 4096
    memory = 32768
  }
  expect_failures = [var.memory]
}

run "the_most_memory_that_fargate_has" {
  command = plan
  variables {
    cpu    = 4096
    memory = 30720
  }
}

run "a_governed_account" {
  variables {
    catalog_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    lake_formation  = true
  }

  assert {
    condition = {
      for statement in data.aws_iam_policy_document.task.statement : statement.sid => statement.resources if contains(["UseTheCatalogsKey", "AskLakeFormation"], statement.sid)
      } == {
      UseTheCatalogsKey = toset(["arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"])
      AskLakeFormation  = toset(["*"])
    }
    error_message = "dbt could not read an encrypted catalog, or a table that Lake Formation governs."
  }
}

run "an_alias_for_a_key_is_refused" {
  command = plan
  variables {
    catalog_key_arn = "arn:aws:kms:eu-central-1:111122223333:alias/catalog"
  }
  expect_failures = [var.catalog_key_arn]
}

run "subnets_without_one_are_refused" {
  command = plan
  variables {
    subnets = { vpc_id = "vpc-1", subnet_ids = [] }
  }
  expect_failures = [var.subnets]
}

run "a_missing_bucket_is_refused" {
  command = plan
  variables {
    buckets = { raw = { name = "a-raw", arn = "arn:aws:s3:::a-raw" } }
  }
  expect_failures = [var.buckets]
}
