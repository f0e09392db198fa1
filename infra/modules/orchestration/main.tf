data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

# The prefix keeps the resource policy that Step Functions writes for its log groups small.
resource "aws_cloudwatch_log_group" "runs" {
  #checkov:skip=CKV_AWS_158:CloudWatch's own encryption; the log holds names of tables and no rows.
  #checkov:skip=CKV_AWS_338:How long is a variable; a year of logs of runs serves nobody.
  name              = "/aws/vendedlogs/states/${var.name}-runs"
  retention_in_days = var.log_retention_days
}

locals {
  # For the calls that the state machine makes itself, which are quick and can be repeated.
  retry = {
    ErrorEquals     = ["States.ALL"]
    IntervalSeconds = 2
    BackoffRate     = 2
    MaxAttempts     = 3
    JitterStrategy  = "FULL"
  }

  # What States.ALL does not stand for is named beside it: an answer larger than 256 KiB
  # (docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html). NEXT is the state
  # that follows.
  errors = ["States.DataLimitExceeded", "States.ALL"]
  catch  = join(", ", [for error in local.errors : jsonencode({ ErrorEquals = [error], Next = "NEXT" })])

  # The same where the error is the run's own. Some errors have no cause, and a container may report
  # one without a name.
  catch_failure = join(", ", [
    for error in local.errors : jsonencode({
      ErrorEquals = [error]
      Assign = {
        error = "{% $states.errorOutput.Error ? $states.errorOutput.Error : 'Unknown' %}"
        cause = "{% $states.errorOutput.Cause ? $states.errorOutput.Cause : '' %}"
      }
      Next = "NEXT"
    })
  ])

  # A missed heartbeat is reported as States.Timeout, as a timeout is: States.HeartbeatTimeout is a name
  # that only Catch and Retry know (the same page), so that it is given its own here, for WhatNow. Names
  # that begin with States. are reserved (states-language.net/spec.html, appendix A).
  catch_silence = jsonencode({
    ErrorEquals = ["States.HeartbeatTimeout"]
    Assign = {
      error = "HeartbeatTimeout"
      cause = "The container gave no sign of life for ${var.heartbeat_seconds} seconds: its image could not be fetched, it ran out of memory, or it was killed. The log has what dbt did last, and for an hour ECS says why its container stopped."
    }
    Next = "NEXT"
  })

  # 45 minutes: longer than an attempt of a fast or an hourly run may take.
  lease_waits = { count = 45, seconds = 60 }
}

resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_284:One call after the other, each in the execution's history: a trace shows no more.
  name     = "${var.name}-runs"
  type     = "STANDARD"
  role_arn = aws_iam_role.state_machine.arn

  definition = templatefile("${path.module}/state_machine.asl.json.tftpl", {
    environment        = var.environment
    partition          = data.aws_partition.current.partition
    lease_table        = aws_dynamodb_table.lease.name
    lease_seconds      = local.lease_seconds
    timeouts           = local.timeouts
    heartbeat_seconds  = var.heartbeat_seconds
    attempts           = var.attempts
    retry              = jsonencode(local.retry)
    catch              = local.catch
    catch_failure      = local.catch_failure
    catch_silence      = local.catch_silence
    lease_waits        = local.lease_waits
    backoff_seconds    = local.backoff_seconds
    stop_wait_seconds  = local.stop_wait_seconds
    cluster            = aws_ecs_cluster.this.arn
    spot               = var.spot
    family             = aws_ecs_task_definition.this.family
    container          = local.container
    subnet_ids         = local.subnet_ids
    security_group_ids = [aws_security_group.dbt.id]
    assign_public_ip   = var.subnets == null ? "ENABLED" : "DISABLED"
    work_group         = var.work_group.name
    alerts_topic_arn   = var.alerts_topic_arn
    runbook_url        = "${var.runbooks_url}/failed-runs.md"
    log_group          = aws_cloudwatch_log_group.dbt.name
  })

  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.runs.arn}:*"
    include_execution_data = true
    level                  = "ERROR"
  }
  # Step Functions tries the rights to write the log when the state machine is made. The cluster has to
  # know where its containers may run before one is started.
  depends_on = [aws_iam_role_policy.state_machine, aws_ecs_cluster_capacity_providers.this]
}
