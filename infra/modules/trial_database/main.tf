locals {
  name = "${var.name}-trial"

  # Of each engine: its version's family, its port, and the parameter that refuses what comes without TLS
  # (docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html,
  # .../mysql-ssl-connections.require-ssl.html).
  engines = {
    postgresql = { engine = "postgres", version = "17", family = "postgres17", port = 5432, tls = { name = "rds.force_ssl", value = "1" } }
    mysql      = { engine = "mysql", version = "8.4", family = "mysql8.4", port = 3306, tls = { name = "require_secure_transport", value = "ON" } }
  }
  engine = local.engines[var.engine]
}

resource "aws_db_subnet_group" "this" {
  name       = local.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "this" {
  name        = local.name
  description = "The trial database: pullers and named ranges come in at its port, nothing goes out"
  vpc_id      = var.vpc_id

  tags = { Name = local.name }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = var.clients

  security_group_id            = aws_security_group.this.id
  description                  = "The puller of ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = local.engine.port
  to_port                      = local.engine.port
}

resource "aws_vpc_security_group_ingress_rule" "ranges" {
  for_each = var.client_ranges

  security_group_id = aws_security_group.this.id
  description       = "Who fills it"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = local.engine.port
  to_port           = local.engine.port
}

resource "aws_db_parameter_group" "this" {
  name   = "${local.name}-${replace(local.engine.family, ".", "-")}"
  family = local.engine.family

  parameter {
    name  = local.engine.tls.name
    value = local.engine.tls.value
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_118:For trying: monitoring is billed by the metric.
  #checkov:skip=CKV_AWS_129:As above; a log tells nobody anything here.
  #checkov:skip=CKV_AWS_133:It holds nothing that is missed.
  #checkov:skip=CKV_AWS_157:One zone: it holds nothing that is missed.
  #checkov:skip=CKV_AWS_161:The puller has an account of the database, as it has in any other.
  #checkov:skip=CKV_AWS_293:It is to be deleted when it has been tried.
  #checkov:skip=CKV_AWS_353:As of monitoring.
  #checkov:skip=CKV2_AWS_30:As of logs.
  #checkov:skip=CKV2_AWS_60:It has no snapshots that tags could be copied to.
  identifier     = local.name
  engine         = local.engine.engine
  engine_version = local.engine.version
  instance_class = var.instance_class

  allocated_storage = 20
  storage_type      = "gp3"
  storage_encrypted = true

  db_name  = "shop"
  username = "retailpulse"
  # RDS makes the password and keeps it in Secrets Manager: no state of Terraform's has it.
  manage_master_user_password = true

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  parameter_group_name   = aws_db_parameter_group.this.name
  publicly_accessible    = false

  auto_minor_version_upgrade = true
  backup_retention_period    = 0
  deletion_protection        = false
  skip_final_snapshot        = true
  apply_immediately          = true
}
