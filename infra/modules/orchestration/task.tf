resource "aws_cloudwatch_log_group" "dbt" {
  #checkov:skip=CKV_AWS_158:CloudWatch's own encryption; dbt logs names of nodes and no rows.
  #checkov:skip=CKV_AWS_338:How long is a variable; a year of logs of runs serves nobody.
  name              = "/${var.name}/dbt"
  retention_in_days = var.log_retention_days
}

resource "aws_ecs_cluster" "this" {
  #checkov:skip=CKV_AWS_65:Insights are billed by the metric; what a run did is in its log and in the state machine's metrics.
  name = var.name

  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}

locals {
  container = "dbt"

  # The one folder of the container that can be written: dbt's target folder and its temporary files.
  # The image makes it the user's own (Dockerfile).
  scratch = "/scratch"

  # A task that is stopped has this long to stop dbt, which cancels its queries
  # (retailpulse/cloud/scheduled/dbt_process.py). It is shorter than stop_wait_seconds.
  stop_timeout_seconds = 30

  settings = {
    # dbt's profile reads the first, boto3 the second.
    AWS_REGION             = data.aws_region.current.name
    AWS_DEFAULT_REGION     = data.aws_region.current.name
    RETAILPULSE_WORK_GROUP = var.work_group.name
    RETAILPULSE_RESULTS    = "s3://${var.buckets.results.name}/${local.results_prefix}"
    RETAILPULSE_LAKEHOUSE  = "s3://${var.buckets.lakehouse.name}/"
    RETAILPULSE_ARTIFACTS  = "s3://${var.buckets.artifacts.name}/runs/"
    RETAILPULSE_DOCS       = "s3://${var.buckets.docs.name}/"
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}

resource "aws_ecs_task_definition" "this" {
  family                   = "${var.name}-dbt"
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
    stopTimeout            = local.stop_timeout_seconds
    environment            = [for name, value in local.settings : { name = name, value = value }]
    mountPoints            = [{ sourceVolume = "scratch", containerPath = local.scratch, readOnly = false }]
    portMappings           = []
    systemControls         = []
    volumesFrom            = []
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.dbt.name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = "run"
      }
    }
  }])

  # The state machine starts the family's latest revision, so there is always one: the new one is
  # made before the old one is taken away. Attempts that follow, of runs under way as well, are of
  # the new image; containers that run are left alone.
  lifecycle {
    create_before_destroy = true
  }
}
