locals {
  backoff_seconds = { first = 30, longest = 120 }

  # The lease is taken anew before each attempt, and has to outlast one with what follows it: the wait,
  # and the calls in between with their retries (infra/modules/orchestration/lease.tf).
  lease_seconds = var.timeout_seconds + local.backoff_seconds.longest + 600

  # For the calls that the state machine makes itself, which are quick and can be repeated.
  retry = {
    ErrorEquals     = ["States.ALL"]
    IntervalSeconds = 2
    BackoffRate     = 2
    MaxAttempts     = 3
    JitterStrategy  = "FULL"
  }

  # As infra/modules/orchestration/main.tf says of each. NEXT is the state that follows.
  errors = ["States.DataLimitExceeded", "States.ALL"]
  catch  = join(", ", [for error in local.errors : jsonencode({ ErrorEquals = [error], Next = "NEXT" })])
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
  catch_silence = jsonencode({
    ErrorEquals = ["States.HeartbeatTimeout"]
    Assign = {
      error = "HeartbeatTimeout"
      cause = "The container gave no sign of life for ${var.heartbeat_seconds} seconds: its image or its secret could not be fetched, it ran out of memory, or it was killed. For an hour ECS says why it stopped."
    }
    Next = "NEXT"
  })
}

resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_284:One call after the other, each in the execution's history: a trace shows no more.
  #checkov:skip=CKV_AWS_285:The history of an execution has it for 90 days, and the puller's log what was pulled.
  name     = local.name
  type     = "STANDARD"
  role_arn = aws_iam_role.state_machine.arn

  definition = templatefile("${path.module}/state_machine.asl.json.tftpl", {
    partition         = data.aws_partition.current.partition
    source            = var.source_name
    lease_table       = var.lease_table.name
    lease             = local.lease
    lease_seconds     = local.lease_seconds
    timeout_seconds   = var.timeout_seconds
    heartbeat_seconds = var.heartbeat_seconds
    attempts          = var.attempts
    backoff_seconds   = local.backoff_seconds
    retry             = jsonencode(local.retry)
    catch             = local.catch
    catch_failure     = local.catch_failure
    catch_silence     = local.catch_silence
    cluster           = var.cluster.arn
    spot              = var.spot
    family            = aws_ecs_task_definition.this.family
    container         = local.container
    subnet_ids        = sort(var.network.subnet_ids)
    security_group_id = aws_security_group.this.id
    assign_public_ip  = var.network.assign_public_ip ? "ENABLED" : "DISABLED"
  })

  depends_on = [aws_iam_role_policy.state_machine]
}
