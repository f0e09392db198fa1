# One item: who may run dbt, and until when. Two runs at once can both fail, and the older can write an
# older state last (docs/decisions/0009). Nothing but the state machine touches it.
resource "aws_dynamodb_table" "lease" {
  #checkov:skip=CKV_AWS_28:One item, worth nothing once its run has ended.
  #checkov:skip=CKV_AWS_119:The key that AWS owns, which costs nothing; the item holds an execution's ARN.
  name         = "${var.name}-lease"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "lease"

  attribute {
    name = "lease"
    type = "S"
  }
}

locals {
  # A repair reads as much as a daily run.
  timeouts = merge(var.timeouts, { repair = var.timeouts.daily })

  # The lease is taken anew before each attempt, so it has to outlast one attempt with all that may
  # follow before the next takes it again or lets go of it: the attempt's timeout, the wait for the
  # container to stop, the longest back-off, and the margin for the calls in between with their retries
  # (each at most three, 14 seconds). So it cannot expire under a run that lives, and one that an
  # aborted execution leaves blocks the others no longer than one attempt would have.
  stop_wait_seconds    = 45
  backoff_seconds      = { first = 30, longest = 300 }
  lease_margin_seconds = 600
  lease_seconds = {
    for kind, timeout in local.timeouts :
    kind => timeout + local.stop_wait_seconds + local.backoff_seconds.longest + local.lease_margin_seconds
  }
}
