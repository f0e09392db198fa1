output "database" {
  description = "Engine, host, port and name of the database, and the secret that holds its master's user and password as JSON."
  value = {
    engine            = var.engine
    host              = aws_db_instance.this.address
    port              = local.engine.port
    name              = aws_db_instance.this.db_name
    master_secret_arn = one(aws_db_instance.this.master_user_secret[*].secret_arn)
  }
}
