# What Terraform reads for a plan: settings, never what is stored.

data "aws_iam_policy_document" "read_data" {
  statement {
    sid = "Buckets"
    actions = [
      "s3:GetAccelerateConfiguration",
      "s3:GetBucketAcl",
      "s3:GetBucketCORS",
      "s3:GetBucketLocation",
      "s3:GetBucketLogging",
      "s3:GetBucketNotification",
      "s3:GetBucketObjectLockConfiguration",
      "s3:GetBucketOwnershipControls",
      "s3:GetBucketPolicy",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketRequestPayment",
      "s3:GetBucketTagging",
      "s3:GetBucketVersioning",
      "s3:GetBucketWebsite",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetReplicationConfiguration",
      # HeadBucket asks for it.
      "s3:ListBucket",
    ]
    resources = [local.buckets]
  }

  statement {
    sid       = "Catalog"
    actions   = ["glue:GetDatabase", "glue:GetPartitionIndexes", "glue:GetTable", "glue:GetTags"]
    resources = local.glue
  }

  statement {
    sid       = "WorkGroups"
    actions   = ["athena:GetNamedQuery", "athena:GetWorkGroup", "athena:ListTagsForResource"]
    resources = local.work_groups
  }

  statement {
    sid = "Lease"
    actions = [
      "dynamodb:DescribeContinuousBackups",
      "dynamodb:DescribeTable",
      "dynamodb:DescribeTimeToLive",
      "dynamodb:ListTagsOfResource",
    ]
    resources = [local.lease_table]
  }

  statement {
    sid = "Roles"
    actions = [
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListInstanceProfilesForRole",
      "iam:ListRolePolicies",
      "iam:ListRoleTags",
    ]
    resources = [local.roles]
  }

  dynamic "statement" {
    for_each = var.catalog_key_arn[*]

    content {
      sid       = "ReadWithTheCatalogsKey"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

data "aws_iam_policy_document" "read_services" {
  #checkov:skip=CKV_AWS_356:The last two statements' actions know no resource.
  statement {
    sid = "Bus"
    actions = [
      "events:DescribeArchive",
      "events:DescribeEventBus",
      "events:DescribeRule",
      "events:ListTagsForResource",
      "events:ListTargetsByRule",
    ]
    resources = local.events
  }

  statement {
    sid       = "Queues"
    actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"]
    resources = [local.queues]
  }

  statement {
    sid       = "Topics"
    actions   = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"]
    resources = [local.topics]
  }

  statement {
    sid = "Functions"
    actions = [
      "lambda:GetFunction",
      "lambda:GetFunctionCodeSigningConfig",
      "lambda:GetFunctionConcurrency",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:GetFunctionRecursionConfig",
      "lambda:GetPolicy",
      "lambda:ListTags",
      "lambda:ListVersionsByFunction",
    ]
    resources = [local.functions]
  }

  statement {
    sid       = "EventSourceMappings"
    actions   = ["lambda:GetEventSourceMapping", "lambda:ListTags"]
    resources = [local.event_source_mappings]
  }

  statement {
    sid       = "StateMachines"
    actions   = ["states:DescribeStateMachine", "states:ListStateMachineVersions", "states:ListTagsForResource"]
    resources = [local.state_machines]
  }

  statement {
    sid       = "Schedules"
    actions   = ["scheduler:GetSchedule", "scheduler:GetScheduleGroup", "scheduler:ListTagsForResource"]
    resources = local.schedules
  }

  statement {
    sid       = "Clusters"
    actions   = ["ecs:DescribeClusters", "ecs:ListTagsForResource"]
    resources = [local.cluster, local.task_definitions]
  }

  statement {
    sid       = "LogGroups"
    actions   = ["logs:ListTagsForResource", "logs:ListTagsLogGroup"]
    resources = local.log_groups
  }

  statement {
    sid       = "Alarms"
    actions   = ["cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource"]
    resources = [local.alarms, local.dashboard]
  }

  statement {
    sid       = "Budgets"
    actions   = ["budgets:ListTagsForResource", "budgets:ViewBudget"]
    resources = [local.budgets]
  }

  statement {
    sid     = "FindAlarms"
    actions = ["cloudwatch:DescribeAlarms"]
    # It is asked of all alarms, also where the question has a name.
    resources = ["*"]
  }

  statement {
    sid = "WithoutResource"
    actions = [
      "chatbot:DescribeSlackChannelConfigurations",
      "chatbot:ListTagsForResource",
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeInternetGateways",
      "ec2:DescribeNetworkAcls",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribePrefixLists",
      "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroupRules",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeTags",
      "ec2:DescribeVpcAttribute",
      "ec2:DescribeVpcBlockPublicAccessOptions",
      "ec2:DescribeVpcEndpoints",
      "ec2:DescribeVpcs",
      "ecs:DescribeTaskDefinition",
      "glue:GetDataCatalogEncryptionSettings",
      "lakeformation:GetDataLakeSettings",
      "logs:DescribeLogGroups",
      "logs:DescribeMetricFilters",
      "sns:GetSubscriptionAttributes",
      "states:ValidateStateMachineDefinition",
    ]
    # IAM knows no resource for these actions.
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "read_state" {
  statement {
    sid       = "FindStates"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.state.arn]
  }

  # A plan of a pull request takes no lock (-lock=false): it would need to write.
  statement {
    sid       = "ReadStates"
    actions   = ["s3:GetObject"]
    resources = [local.state, local.lock]
  }
}
