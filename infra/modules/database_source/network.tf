locals {
  # By names that are known before the VPC is made.
  database_ranges = (
    var.database.cidr_blocks == null
    ? { vpc = data.aws_vpc.this.cidr_block }
    : { for range in var.database.cidr_blocks : range => range }
  )
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:The state machine gives it to each task.
  name        = local.name
  description = "The puller of ${var.source_name}: nothing comes in; the database and HTTPS go out"
  vpc_id      = var.network.vpc_id

  tags = { Name = local.name }
}

resource "aws_vpc_security_group_egress_rule" "database" {
  for_each = local.database_ranges

  security_group_id = aws_security_group.this.id
  description       = "The database"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = var.database.port
  to_port           = var.database.port
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.this.id
  description       = "AWS's APIs, whose addresses change"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
