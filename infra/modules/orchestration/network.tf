data "aws_availability_zones" "available" {
  count = var.subnets == null ? 1 : 0

  state = "available"

  # Local zones lack Fargate.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  # By their ids, as each account has zone names of its own: where Fargate is not to be had
  # (docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html), or not for ARM
  # (use1-az3, .../ecs-arm64.html).
  exclude_zone_ids = ["apne1-az3", "use1-az3", "usw1-az2"]
}

locals {
  # The network is never joined to another, so the range matters to nobody.
  cidr               = "10.0.0.0/24"
  availability_zones = var.subnets == null ? slice(data.aws_availability_zones.available[0].names, 0, 2) : []
  vpc_id             = var.subnets == null ? aws_vpc.this[0].id : var.subnets.vpc_id
  subnet_ids         = var.subnets == null ? aws_subnet.public[*].id : sort(var.subnets.subnet_ids)
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:Nothing can come in, and what goes out goes to AWS's APIs, which CloudTrail records.
  count = var.subnets == null ? 1 : 0

  cidr_block           = local.cidr
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# Adopted to be emptied: AWS makes it with rules that allow everything within the VPC.
resource "aws_default_security_group" "this" {
  count = var.subnets == null ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = "${var.name}-unused" }
}

resource "aws_internet_gateway" "this" {
  count = var.subnets == null ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = { Name = var.name }
}

resource "aws_subnet" "public" {
  count = length(local.availability_zones)

  vpc_id            = aws_vpc.this[0].id
  cidr_block        = cidrsubnet(local.cidr, 2, count.index)
  availability_zone = local.availability_zones[count.index]

  tags = { Name = "${var.name}-public-${count.index}" }

  # A zone that AWS opens or closes would otherwise move a subnet that runs are in.
  lifecycle {
    ignore_changes = [availability_zone]
  }
}

resource "aws_route_table" "public" {
  count = var.subnets == null ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this[0].id
  }

  tags = { Name = "${var.name}-public" }
}

resource "aws_route_table_association" "public" {
  count = length(local.availability_zones)

  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public[0].id
}

# What dbt and ECR move to and from S3 stays in AWS's network.
resource "aws_vpc_endpoint" "s3" {
  count = var.subnets == null ? 1 : 0

  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${data.aws_region.current.name}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.public[0].id]

  tags = { Name = "${var.name}-s3" }
}

resource "aws_security_group" "dbt" {
  #checkov:skip=CKV2_AWS_5:The state machine gives it to each task.
  name        = "${var.name}-dbt"
  description = "dbt: nothing comes in, and only HTTPS goes out"
  vpc_id      = local.vpc_id

  tags = { Name = "${var.name}-dbt" }
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.dbt.id
  description       = "AWS's APIs, whose addresses change"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
