resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch's own encryption; a pull logs names of tables and no rows.
  #checkov:skip=CKV_AWS_338:How long is a variable; a year of logs of pulls serves nobody.
  name              = "/${var.name}/pull-${var.source_name}"
  retention_in_days = var.log_retention_days
}

locals {
  container = "puller"

  settings = {
    AWS_REGION            = data.aws_region.current.name
    AWS_DEFAULT_REGION    = data.aws_region.current.name
    RETAILPULSE_RAW       = "s3://${var.raw_bucket.name}/"
    RETAILPULSE_RAW_TABLE = "${var.raw_table.database}.${var.raw_table.name}"
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = local.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  volume {
    name = "scratch"
  }

  container_definitions = jsonencode([{
    name                   = local.container
    image                  = var.image
    essential              = true
    readonlyRootFilesystem = true
    stopTimeout            = 30
    environment            = [for name, value in local.settings : { name = name, value = value }]
    # ECS reads the address before the container starts, and gives it to the container alone
    # (docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html).
    secrets        = [{ name = var.connection, valueFrom = var.secret.arn }]
    mountPoints    = [{ sourceVolume = "scratch", containerPath = "/scratch", readOnly = false }]
    portMappings   = []
    systemControls = []
    volumesFrom    = []
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = "pull"
      }
    }
  }])

  # As infra/modules/orchestration has it: there is always a revision to start.
  lifecycle {
    create_before_destroy = true
  }
}
