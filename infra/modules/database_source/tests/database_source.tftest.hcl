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
  mock_data "aws_vpc" {
    defaults = { cidr_block = "10.1.0.0/16" }
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
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/retailpulse-pull-shop:7" }
  }
  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:eu-central-1:111122223333:stateMachine:retailpulse-pull-shop" }
  }
}

variables {
  name                = "retailpulse"
  source_name         = "shop"
  connection          = "SHOP_DATABASE_URL"
  event_types         = ["shop_users", "shop_sales_orders"]
  secret              = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:retailpulse/shop-AbCdEf" }
  database            = { port = 5432 }
  network             = { vpc_id = "vpc-1", subnet_ids = ["subnet-b", "subnet-a"], assign_public_ip = false }
  image               = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/data/retailpulse@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  cluster             = { name = "retailpulse", arn = "arn:aws:ecs:eu-central-1:111122223333:cluster/retailpulse" }
  lease_table         = { name = "retailpulse-lease", arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/retailpulse-lease" }
  schedule_group_name = "retailpulse"
  raw_bucket          = { name = "a-raw", arn = "arn:aws:s3:::a-raw" }
  raw_table           = { database = "retailpulse_raw", name = "events" }
  alerts_topic_arn    = "arn:aws:sns:eu-central-1:111122223333:retailpulse-alerts"
  runbooks_url        = "https://example.com/runbooks"
}

run "names_and_schedule" {
  assert {
    condition = (
      aws_sfn_state_machine.this.name == "retailpulse-pull-shop"
      && aws_scheduler_schedule.this.schedule_expression == "rate(5 minutes)"
      && aws_scheduler_schedule.this.state == "ENABLED"
      && aws_scheduler_schedule.this.group_name == "retailpulse"
      && output.log_group_name == "/retailpulse/pull-shop"
    )
    error_message = "Something has another name, or starts at another time."
  }
}

run "the_address_is_ecs_to_read" {
  assert {
    condition = (
      jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets == [{ name = "SHOP_DATABASE_URL", valueFrom = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:retailpulse/shop-AbCdEf" }]
      && !contains([for variable in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : variable.name], "SHOP_DATABASE_URL")
    )
    error_message = "The address comes another way than from the secret."
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.execution.statement : statement.resources if statement.sid == "ReadAddress"]) == toset(["arn:aws:secretsmanager:eu-central-1:111122223333:secret:retailpulse/shop-AbCdEf"])
    error_message = "ECS may read another secret."
  }
  assert {
    condition = alltrue([
      for document in [data.aws_iam_policy_document.task, data.aws_iam_policy_document.state_machine, data.aws_iam_policy_document.scheduler] :
      alltrue([for statement in document.statement : alltrue([for action in statement.actions : !startswith(action, "secretsmanager:")])])
    ])
    error_message = "Somebody else than ECS may read secrets."
  }
}

run "rights_are_exact" {
  assert {
    condition = {
      for statement in data.aws_iam_policy_document.task.statement : statement.sid => [statement.actions, statement.resources]
      } == {
      LandRows   = [toset(["s3:PutObject"]), toset(["arn:aws:s3:::a-raw/events/event_type=shop_users/*", "arn:aws:s3:::a-raw/events/event_type=shop_sales_orders/*"])]
      KeepStates = [toset(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]), toset(["arn:aws:s3:::a-raw/pulled/shop/*"])]
      ListStates = [toset(["s3:ListBucket"]), toset(["arn:aws:s3:::a-raw"])]
      SeeWhichTypesAreListed = [toset(["glue:GetTable"]), toset([
        "arn:aws:glue:eu-central-1:111122223333:catalog",
        "arn:aws:glue:eu-central-1:111122223333:database/retailpulse_raw",
        "arn:aws:glue:eu-central-1:111122223333:table/retailpulse_raw/events",
      ])]
      Report = [toset(["states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"]), toset(["*"])]
    }
    error_message = "The puller may do something else."
  }
  assert {
    condition     = one(flatten([for statement in data.aws_iam_policy_document.task.statement : [for condition in statement.condition : condition.values] if statement.sid == "ListStates"])) == "pulled/shop/*"
    error_message = "The puller may list what is not its own."
  }
  assert {
    condition     = one(flatten([for statement in data.aws_iam_policy_document.state_machine.statement : [for condition in statement.condition : condition.values] if statement.sid == "Lease"])) == "pull-shop"
    error_message = "The state machine may take another's lease."
  }
  assert {
    condition = alltrue(flatten([
      for document in [
        data.aws_iam_policy_document.scheduler,
        data.aws_iam_policy_document.state_machine,
        data.aws_iam_policy_document.execution,
        data.aws_iam_policy_document.task,
      ] :
      [for statement in document.statement : [for action in statement.actions : !strcontains(action, "*")]]
    ]))
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
    ])) == toset(["FindTasks", "Count", "LogInToRegistry", "Report"])
    error_message = "A statement other than those whose service knows no resources is for all of them."
  }
}

run "one_pull_at_a_time" {
  assert {
    condition = (
      jsondecode(aws_sfn_state_machine.this.definition).States.TakeLease.Arguments.Item.lease.S == "pull-shop"
      && jsondecode(aws_sfn_state_machine.this.definition).States.TakeLease.Catch[0].Next == "Skipped"
      && jsondecode(aws_sfn_state_machine.this.definition).States.Skipped.End
    )
    error_message = "A pull that finds another going on does something."
  }
  assert {
    condition     = local.lease_seconds >= var.timeout_seconds + local.backoff_seconds.longest + 60
    error_message = "A lease can expire while its pull lives."
  }
}

run "every_call_is_retried_and_every_failure_has_a_way_on" {
  assert {
    condition = alltrue([
      for state in concat(
        values(jsondecode(aws_sfn_state_machine.this.definition).States),
        [jsondecode(aws_sfn_state_machine.this.definition).States.StopTasks.ItemProcessor.States.StopTask],
      ) :
      slice(flatten(reverse(state.Catch)[*].ErrorEquals), 0, 2) == ["States.ALL", "States.DataLimitExceeded"]
      if contains(["Task", "Map"], state.Type)
    ])
    error_message = "A task's failure would end the execution with the lease held."
  }
  assert {
    condition = alltrue([
      for name, state in jsondecode(aws_sfn_state_machine.this.definition).States :
      anytrue([for retry in state.Retry : contains(retry.ErrorEquals, "States.ALL")])
      if state.Type == "Task" && name != "Pull"
    ])
    error_message = "A call of the state machine's own is not retried."
  }
  assert {
    condition = {
      for error in ["Transient", "HeartbeatTimeout", "ECS.ServerException", "AmazonECS.Unknown", "States.Timeout", "RunFailed", "Unknown"] :
      error => can(regex(regex("/(.*)/", jsondecode(aws_sfn_state_machine.this.definition).States.WhatNow.Choices[0].Condition)[0], error))
      } == {
      "Transient"      = true, "HeartbeatTimeout" = true, "ECS.ServerException" = true, "AmazonECS.Unknown" = true,
      "States.Timeout" = false, "RunFailed" = false, "Unknown" = false
    }
    error_message = "Something else is tried again than what can pass."
  }
}

run "the_container_is_confined" {
  assert {
    condition = (
      jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem
      && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].image == var.image
      && length(aws_security_group.this.ingress) == 0
    )
    error_message = "The container can write outside its volume, runs another image, or lets something in."
  }
  assert {
    condition = {
      for range, rule in aws_vpc_security_group_egress_rule.database : range => [rule.cidr_ipv4, tostring(rule.from_port), tostring(rule.to_port), rule.ip_protocol]
    } == { vpc = ["10.1.0.0/16", "5432", "5432", "tcp"] }
    error_message = "More goes out than to the database's port in its VPC."
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.https.from_port == 443 && aws_vpc_security_group_egress_rule.https.to_port == 443
    error_message = "Something other than HTTPS goes out to AWS."
  }
  assert {
    condition = jsondecode(aws_sfn_state_machine.this.definition).States.Pull.Arguments.NetworkConfiguration.AwsvpcConfiguration == {
      Subnets        = ["subnet-a", "subnet-b"]
      SecurityGroups = [aws_security_group.this.id]
      AssignPublicIp = "DISABLED"
    }
    error_message = "The task runs elsewhere, or has a public address."
  }
}

run "a_database_elsewhere" {
  variables {
    database = { port = 3306, cidr_blocks = ["10.9.0.0/24"] }
    secret   = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop-AbCdEf", kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
    network  = { vpc_id = "vpc-1", subnet_ids = ["subnet-a"], assign_public_ip = true }
  }

  assert {
    condition     = { for range, rule in aws_vpc_security_group_egress_rule.database : range => rule.from_port } == { "10.9.0.0/24" = 3306 }
    error_message = "The database is not where it was said to be."
  }
  assert {
    condition     = one([for statement in data.aws_iam_policy_document.execution.statement : statement.resources if statement.sid == "DecryptAddress"]) == toset(["arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"])
    error_message = "ECS may not decrypt the secret, or more."
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).States.Pull.Arguments.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp == "ENABLED"
    error_message = "Without a public address a task in a public subnet reaches nothing."
  }
}

run "somebody_is_told" {
  assert {
    condition = {
      for about, alarm in aws_cloudwatch_metric_alarm.this : about => [alarm.alarm_name, alarm.metric_name, one(alarm.alarm_actions)]
      } == {
      failed  = ["retailpulse-pull-shop-failed", "ExecutionsFailed", "arn:aws:sns:eu-central-1:111122223333:retailpulse-alerts"]
      refused = ["retailpulse-pull-shop-refused", "TablesRefused", "arn:aws:sns:eu-central-1:111122223333:retailpulse-alerts"]
      stale   = ["retailpulse-pull-shop-stale", "PullsSucceeded", "arn:aws:sns:eu-central-1:111122223333:retailpulse-alerts"]
    }
    error_message = "An alarm is missing, or tells nobody."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["stale"].evaluation_periods == 6 && aws_cloudwatch_metric_alarm.this["stale"].treat_missing_data == "breaching"
    error_message = "No pull at all would not be noticed within half an hour."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : can(regex("Runbook: https://example.com/runbooks/pull-[a-z]+[.]md$", alarm.alarm_description))])
    error_message = "An alarm names no runbook."
  }
}

run "nobody_waits_for_pulls_that_no_schedule_starts" {
  variables {
    schedule_enabled = false
  }
  assert {
    condition     = aws_scheduler_schedule.this.state == "DISABLED" && !contains(keys(aws_cloudwatch_metric_alarm.this), "stale")
    error_message = "A schedule is on, or somebody waits for it."
  }
}

run "without_spot" {
  variables {
    spot = false
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.this.definition).States.Pull.Arguments.CapacityProviderStrategy[0].CapacityProvider == "FARGATE"
    error_message = "Pulls begin on Spot all the same."
  }
}

run "a_secret_that_iam_would_not_know_is_refused" {
  command = plan
  variables {
    secret = { arn = "retailpulse/shop" }
  }
  expect_failures = [var.secret]
}

run "a_port_that_is_none_is_refused" {
  command = plan
  variables {
    database = { port = 0 }
  }
  expect_failures = [var.database]
}

run "a_range_that_is_none_is_refused" {
  command = plan
  variables {
    database = { port = 5432, cidr_blocks = ["db.example.com"] }
  }
  expect_failures = [var.database]
}

run "a_schedule_that_is_none_is_refused" {
  command = plan
  variables {
    schedule = "every minute"
  }
  expect_failures = [var.schedule]
}

run "a_slot_of_a_source_in_log_mode_has_an_alarm" {
  command = plan
  variables {
    mode       = "log"
    slot_bytes = 5000000
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["slot"].threshold == 5000000 && aws_cloudwatch_log_metric_filter.this["slot"].metric_transformation[0].name == "SlotBytes"
    error_message = "What the server keeps for the slot is not watched."
  }
}

run "a_source_that_is_polled_has_no_slot" {
  command = plan

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.this), "slot") && !contains(keys(aws_cloudwatch_log_metric_filter.this), "slot")
    error_message = "A slot is watched that is not there."
  }
}

run "minutes_that_no_period_divides_are_refused" {
  command = plan
  variables {
    stale_minutes = 12
  }
  expect_failures = [var.stale_minutes]
}

run "a_name_that_a_role_cannot_have_is_refused" {
  command = plan
  variables {
    source_name = "a_source_with_a_name_that_is_longer_than_iam_takes"
  }
  expect_failures = [var.source_name]
}

run "memory_that_fargate_does_not_have_is_refused" {
  command = plan
  variables {
    cpu = 512
  }
  expect_failures = [var.memory]
}
