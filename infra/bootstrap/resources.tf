# What the modules make, as the policies name it.
locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  # The environment may be in another region than what this makes.
  region = "*"
  # Every name that the modules give begins with the project's.
  names = "${var.name}-*"
  # Kinds of bucket follow the environment and the account. The state bucket is none of these.
  bucket_prefix = "arn:${local.partition}:s3:::${var.name}-${var.environment}-${local.account}-"
  buckets       = "${local.bucket_prefix}*"

  gold_database = replace(var.name, "-", "_")
  # Each layer but gold has its name after gold's.
  databases = [local.gold_database, "${local.gold_database}_*"]
  glue_arn  = "arn:${local.partition}:glue:${local.region}:${local.account}"
  glue = concat(
    ["${local.glue_arn}:catalog"],
    [for database in local.databases : "${local.glue_arn}:database/${database}"],
    # dbt makes and names the tables of these databases, and dropping a database drops them.
    [for database in local.databases : "${local.glue_arn}:table/${database}/*"],
    # Dropping a database asks for its functions, of which there are none.
    [for database in local.databases : "${local.glue_arn}:userDefinedFunction/${database}/*"],
  )

  work_groups = [for name in [var.name, local.names] : "arn:${local.partition}:athena:${local.region}:${local.account}:workgroup/${name}"]
  lease_table = "arn:${local.partition}:dynamodb:${local.region}:${local.account}:table/${local.names}"

  events_arn = "arn:${local.partition}:events:${local.region}:${local.account}"
  events = [
    "${local.events_arn}:event-bus/${local.names}",
    "${local.events_arn}:archive/${local.names}",
    "${local.events_arn}:rule/${local.names}/${local.names}",
    # Of the bus that AWS's own events are on.
    "${local.events_arn}:rule/${local.names}",
  ]
  queues = "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.names}"
  topics = "arn:${local.partition}:sns:${local.region}:${local.account}:${local.names}"

  functions = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.names}"
  # AWS names an event source mapping, by a UUID.
  event_source_mappings = "arn:${local.partition}:lambda:${local.region}:${local.account}:event-source-mapping:*"

  state_machines = "arn:${local.partition}:states:${local.region}:${local.account}:stateMachine:${local.names}"
  schedules = [
    "arn:${local.partition}:scheduler:${local.region}:${local.account}:schedule-group/${var.name}",
    "arn:${local.partition}:scheduler:${local.region}:${local.account}:schedule/${var.name}/${local.names}",
  ]
  cluster = "arn:${local.partition}:ecs:${local.region}:${local.account}:cluster/${var.name}"
  # A family's revisions have numbers.
  task_definitions = "arn:${local.partition}:ecs:${local.region}:${local.account}:task-definition/${local.names}:*"

  log_groups = [
    for name in [
      "/aws/lambda/${local.names}",
      "/aws/vendedlogs/states/${local.names}",
      # Those of ECS's tasks, which has no prefix of its own.
      "/${var.name}/*",
    ] : "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${name}"
  ]
  alarms    = "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${local.names}"
  dashboard = "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${var.name}"

  budgets = "arn:${local.partition}:budgets::${local.account}:budget/${local.names}"
  # AWS names no region there, and knows a channel by the name of its configuration.
  chats = "arn:${local.partition}:chatbot::${local.account}:chat-configuration/slack-channel/${local.names}"

  roles = "arn:${local.partition}:iam::${local.account}:role/${local.names}"

  # Where the backend keeps the environment's state: not bootstrap's own.
  state = "${aws_s3_bucket.state.arn}/environments/${var.environment}/terraform.tfstate"
  lock  = "${local.state}.tflock"
}
