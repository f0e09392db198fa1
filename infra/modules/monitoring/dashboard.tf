resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [
        {
          type       = "alarm"
          x          = 0
          y          = 0
          width      = 24
          height     = 4
          properties = { title = "Alarms", alarms = values(local.made)[*].arn }
        },
      ],
      flatten([
        for x, stop in local.road : [
          {
            type       = "text"
            x          = x * local.stop_width
            y          = 4
            width      = local.stop_width
            height     = 2
            properties = { markdown = "## ${x + 1}. ${stop.title}\n${stop.name}" }
          },
          [
            for y, chart in stop.charts : {
              type   = "metric"
              x      = x * local.stop_width
              y      = 6 + 6 * y
              width  = local.stop_width
              height = 6
              properties = {
                title   = chart.title
                metrics = chart.metrics
                stat    = chart.stat
                period  = 300
                region  = data.aws_region.this.name
                view    = "timeSeries"
                yAxis   = { left = { min = 0 } }
              }
            }
          ],
        ]
      ]),
    )
  })
}

locals {
  stop_width = 24 / length(local.road)

  # The road from left to right, and what is seen of each stop from top to bottom.
  road = [
    {
      title = "Bus"
      name  = var.bus_name
      charts = [
        {
          title   = "Events handed to the queue"
          stat    = "Sum"
          metrics = [["AWS/Events", "Invocations", "EventBusName", var.bus_name, "RuleName", var.rule_name]]
        },
        {
          title = "Not handed over"
          stat  = "Sum"
          metrics = [
            for metric_name in ["FailedInvocations", "InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq"] :
            ["AWS/Events", metric_name, "EventBusName", var.bus_name, "RuleName", var.rule_name]
          ]
        },
      ]
    },
    {
      title = "Queue"
      name  = var.queue_name
      charts = [
        {
          title   = "Age of the oldest message, seconds"
          stat    = "Maximum"
          metrics = [["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", var.queue_name]]
        },
        {
          title = "Messages waiting"
          stat  = "Maximum"
          metrics = [
            for queue in concat([var.queue_name], values(var.dead_letter_queue_names)) :
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue]
          ]
        },
      ]
    },
    {
      title = "Ingester"
      name  = var.function.name
      charts = [
        {
          title = "Invocations, errors, throttles"
          stat  = "Sum"
          metrics = [
            for metric_name in ["Invocations", "Errors", "Throttles"] :
            ["AWS/Lambda", metric_name, "FunctionName", var.function.name]
          ]
        },
        {
          title   = "Duration, milliseconds"
          stat    = "p95"
          metrics = [["AWS/Lambda", "Duration", "FunctionName", var.function.name]]
        },
      ]
    },
    {
      title = "Raw zone"
      name  = "what the ingester wrote"
      charts = [
        {
          title = "Events"
          stat  = "Sum"
          metrics = [
            for metric_name in ["EventsLanded", "EventsUnknown", "EventsMalformed", "EventsFailed"] :
            ["RetailPulse", metric_name, "service", "ingester"]
          ]
        },
        {
          title   = "Bytes written"
          stat    = "Sum"
          metrics = [["RetailPulse", "BytesWritten", "service", "ingester"]]
        },
      ]
    },
    {
      title = "dbt runs"
      name  = "silver and gold"
      charts = [
        {
          title = "Runs by their end"
          stat  = "Sum"
          metrics = concat(
            [for run in ["fast", "hourly", "daily", "repair"] : ["RetailPulse", "RunsSucceeded", "Run", run]],
            [for metric_name in ["RunsFailed", "RunsSkipped"] : ["RetailPulse", metric_name]],
          )
        },
        {
          title   = "Duration of an execution, milliseconds"
          stat    = "Maximum"
          metrics = [["AWS/States", "ExecutionTime", "StateMachineArn", var.state_machine_arn]]
        },
      ]
    },
    {
      title = "Athena"
      name  = join(", ", values(var.work_group_names))
      charts = [
        {
          title = "Bytes scanned"
          stat  = "Sum"
          metrics = [
            for work_group in values(var.work_group_names) :
            ["AWS/Athena", "ProcessedBytes", "WorkGroup", work_group]
          ]
        },
        {
          title = "Duration of a statement, milliseconds"
          stat  = "p95"
          metrics = [
            for work_group in values(var.work_group_names) :
            ["AWS/Athena", "TotalExecutionTime", "WorkGroup", work_group]
          ]
        },
      ]
    },
  ]
}
