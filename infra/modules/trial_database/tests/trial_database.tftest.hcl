mock_provider "aws" {
  mock_resource "aws_db_instance" {
    defaults = {
      address            = "retailpulse-trial.abc.eu-central-1.rds.amazonaws.com"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds!db-1-AbCdEf", secret_status = "active", kms_key_id = "" }]
    }
  }
}

variables {
  name       = "retailpulse"
  engine     = "postgresql"
  vpc_id     = "vpc-1"
  subnet_ids = ["subnet-a", "subnet-b"]
  clients    = { shop = "sg-shop" }
}

run "it_is_small_private_and_easy_to_delete" {
  assert {
    condition = (
      !aws_db_instance.this.publicly_accessible
      && aws_db_instance.this.storage_encrypted
      && aws_db_instance.this.manage_master_user_password
      && aws_db_instance.this.skip_final_snapshot
      && !aws_db_instance.this.deletion_protection
      && aws_db_instance.this.instance_class == "db.t4g.micro"
    )
    error_message = "It is public, keeps its password in the state, or stays when it is deleted."
  }
  assert {
    condition     = one([for parameter in aws_db_parameter_group.this.parameter : "${parameter.name}=${parameter.value}"]) == "rds.force_ssl=1"
    error_message = "A connection without TLS is let in."
  }
  assert {
    condition = {
      for source, rule in aws_vpc_security_group_ingress_rule.clients : source => [rule.referenced_security_group_id, rule.from_port, rule.to_port]
    } == { shop = ["sg-shop", 5432, 5432] }
    error_message = "Another comes in than the puller, or at another port."
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.ranges) == 0 && length(aws_security_group.this.egress) == 0
    error_message = "Something else comes in, or goes out."
  }
  assert {
    condition     = output.database.port == 5432 && output.database.name == "shop" && output.database.host == "retailpulse-trial.abc.eu-central-1.rds.amazonaws.com"
    error_message = "Nobody could tell where it is."
  }
}

run "a_mysql" {
  variables {
    engine        = "mysql"
    client_ranges = ["10.9.0.0/16"]
  }
  assert {
    condition     = one(aws_db_parameter_group.this.parameter).name == "require_secure_transport" && output.database.port == 3306
    error_message = "A connection without TLS is let in, or the port is another's."
  }
  assert {
    condition     = one([for rule in aws_vpc_security_group_ingress_rule.ranges : [rule.cidr_ipv4, tostring(rule.from_port)]]) == ["10.9.0.0/16", "3306"]
    error_message = "Whoever fills it does not come in."
  }
}

run "another_engine_is_refused" {
  command = plan
  variables {
    engine = "oracle"
  }
  expect_failures = [var.engine]
}

run "all_addresses_are_refused" {
  command = plan
  variables {
    client_ranges = ["0.0.0.0/0"]
  }
  expect_failures = [var.client_ranges]
}

run "one_zone_is_refused" {
  command = plan
  variables {
    subnet_ids = ["subnet-a"]
  }
  expect_failures = [var.subnet_ids]
}
