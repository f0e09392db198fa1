data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_vpc" "this" {
  id = var.network.vpc_id
}

locals {
  arn = "arn:${data.aws_partition.current.partition}"
  # region:account, as most ARNs have it.
  home = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"

  name = "${var.name}-pull-${var.source_name}"

  # Where the states lie beside the raw zone (retailpulse/cloud/scheduled/pull_process.py).
  states_prefix = "pulled/${var.source_name}"

  # Of the lease's table: who may pull this source, and until when.
  lease = "pull-${var.source_name}"
}
