# The dashboard of the installation. It shows only metrics that exist; docs/operations.md
# explains each of them (a test compares them).

locals {
  dashboard_is_made = var.monitoring.enabled && var.monitoring.dashboard

  # Dashboard names are shared by all regions of an account.
  dashboard_name = "${var.name}-${local.region}"

  # The console replaces it with the report id that is typed in at the top.
  report_in_queries = "REPORT_ID"

  # How long a report may wait, be inspected to its full depth and be reviewed, as the
  # settings allow; five minutes are for retries.
  expected_review_seconds = var.inspection_delay_seconds + var.inspection_timeout_seconds * (1 + var.max_inspection_depth) + 300

  log_groups = [
    for group in concat(
      [for key in local.function_keys : aws_cloudwatch_log_group.functions[key]],
      [aws_cloudwatch_log_group.workflow],
    ) : group.name
  ]
  log_sources = [for name in local.log_groups : "SOURCE '${name}'"]

  # Everything that happened to a report. Step Functions' own lines have the report's id
  # only in the name of the execution.
  report_history = [
    "fields @timestamp, service, round, message, plugin, outcome, severity, alerts, lookups, cause, type",
    "filter report_id = '${local.report_in_queries}' or execution_arn like ':${local.report_in_queries}-'",
    "sort @timestamp asc",
    "limit 1000",
  ]
  what_went_wrong = [
    "filter level in ['WARNING', 'ERROR', 'CRITICAL']",
    "stats count(*) as lines, latest(report_id) as newest_report, latest(cause) as newest_cause by service, message, plugin, error",
    "sort lines desc",
    "limit 50",
  ]

  of_installation = ["installation", var.name]
  package_metric = { for name in [
    "AlertsPerReport", "AlertsReceived", "DeliveriesFailed", "InspectionsFailed", "InspectionsThrottled",
    "InternalErrors", "OverflowAlerts", "RejectedAlerts", "ReportsFailed", "ReportsOpened", "ReportsRevived", "ReviewsFailed",
    "TimeToReview",
  ] : name => concat([local.metric_namespace, name], local.of_installation) }
  by_plugin = { for name in ["DeliveriesFailed", "InspectionsFailed", "InspectionsThrottled"] : name => join("", [
    "SEARCH('{${local.metric_namespace},installation,plugin} MetricName=\"${name}\" ",
    "installation=\"${var.name}\"', 'Sum', 300)",
  ]) }

  # Rows of graphs, from left to right. `lines` are metrics in the format of a dashboard's
  # body; `limit` is drawn as a horizontal line.
  graphs = [
    [
      {
        title = "Alerts"
        lines = [for name in ["AlertsReceived", "ReportsOpened", "OverflowAlerts", "RejectedAlerts", "InternalErrors"] : concat(local.package_metric[name], [{ label = name }])]
      },
      {
        title = "Wait on the stream (ms, longest)"
        limit = { label = "alarm", value = var.monitoring.iterator_age_seconds * 1000 }
        lines = [["AWS/Lambda", "IteratorAge", "FunctionName", "${var.name}-receptor", { label = "receptor", stat = "Maximum" }]]
      },
      {
        title = "Alerts per report (most)"
        lines = [concat(local.package_metric["AlertsPerReport"], [{ label = "AlertsPerReport", stat = "Maximum" }])]
      },
    ],
    [
      {
        title = "First alert to review (ms)"
        limit = { label = "expected", value = local.expected_review_seconds * 1000 }
        lines = [for stat in ["p50", "p95"] : concat(local.package_metric["TimeToReview"], [{ label = stat, stat = stat }])]
      },
      {
        title = "Rounds"
        lines = [for name in ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"] :
        ["AWS/States", name, "StateMachineArn", local.workflow_arn, { label = name }]]
      },
      {
        title = "Reports with failed rounds or reviews"
        lines = [for name in ["ReportsRevived", "ReportsFailed", "ReviewsFailed"] : concat(local.package_metric[name], [{ label = name }])]
      },
    ],
    [for name, title in {
      InspectionsFailed    = "Failed lookups, by inspector"
      InspectionsThrottled = "Throttled lookups, by inspector"
      DeliveriesFailed     = "Failed deliveries, by emitter"
      } : {
      title = title
      lines = [
        concat(local.package_metric[name], [{ label = "all" }]),
        [{ expression = local.by_plugin[name], label = "$${PROP('Dim.plugin')}" }],
      ]
    }],
    [for name, title in {
      Errors    = "Functions: errors"
      Throttles = "Functions: throttled calls"
      Duration  = "Functions: duration (ms, p95)"
      } : {
      title = title
      lines = [for key in local.function_keys :
      ["AWS/Lambda", name, "FunctionName", "${var.name}-${key}", { label = key, stat = name == "Duration" ? "p95" : "Sum" }]]
    }],
    [
      {
        title = "Stream"
        lines = concat(
          flatten([for key, stream in local.streams : [for name in ["IncomingRecords", "WriteProvisionedThroughputExceeded"] :
            { line = ["AWS/Kinesis", name, "StreamName", stream, { label = key == "alerts" ? name : "${name} (${key})" }] }
          ]])[*].line,
          [["AWS/Lambda", "Invocations", "FunctionName", "${var.name}-receptor", { label = "calls of the receptor" }]],
        )
      },
      {
        title = "Table: throttled calls"
        lines = [for name in ["ReadThrottleEvents", "WriteThrottleEvents"] : ["AWS/DynamoDB", name, "TableName", var.name, { label = name }]]
      },
      {
        title = "Undelivered events and batches"
        lines = concat(
          [
            ["AWS/SQS", "NumberOfMessagesSent", "QueueName", "${var.name}-dead-letters", { label = "sweeps that could not start" }],
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${var.name}-dead-letters", { label = "dead letters in the queue", stat = "Maximum" }],
            ["AWS/Lambda", "DestinationDeliveryFailures", "FunctionName", "${var.name}-receptor", { label = "batches lost to the archive" }],
          ],
          [for key in keys(local.sweeps) : ["AWS/Events", "InvocationsFailedToBeSentToDlq", "RuleName", "${var.name}-${key}", { label = "${key}: lost events" }]],
        )
      },
    ],
  ]

  # A dashboard is 24 units wide.
  header_height = 5
  graph_height  = 6
  graph_widgets = flatten([for row, graphs in local.graphs : [for column, graph in graphs : {
    type   = "metric"
    x      = column * 8
    y      = local.header_height + row * local.graph_height
    width  = 8
    height = local.graph_height
    properties = merge(
      {
        title   = graph.title
        region  = local.region
        view    = "timeSeries"
        stat    = "Sum"
        period  = 300
        metrics = graph.lines
        yAxis   = { left = { min = 0 } }
      },
      [for limit in [try(graph.limit, null)] : { annotations = { horizontal = [limit] } } if limit != null]...
    )
  }]])

  queries = [
    { title = "What went wrong", query = local.what_went_wrong, height = 8 },
    { title = "History of report ${local.report_in_queries}", query = local.report_history, height = 12 },
  ]
  below_graphs = local.header_height + length(local.graphs) * local.graph_height
  query_widgets = [for number, log in local.queries : {
    type   = "log"
    x      = 0
    y      = local.below_graphs + sum(concat([0], slice(local.queries[*].height, 0, number)))
    width  = 24
    height = log.height
    properties = {
      title  = log.title
      region = local.region
      view   = "table"
      query  = join("\n| ", concat(local.log_sources, log.query))
    }
  }]

  dashboard = {
    start = "-PT24H"
    variables = [{
      type         = "pattern"
      pattern      = local.report_in_queries
      inputType    = "input"
      id           = "report"
      label        = "Report"
      defaultValue = local.report_in_queries
      visible      = true
    }]
    widgets = concat(
      [
        {
          type   = "text"
          x      = 0
          y      = 0
          width  = 8
          height = local.header_height
          properties = { markdown = join("\n", [
            "# AlertResponder ${var.name}",
            "What the graphs show and what to do: [runbooks](${local.runbooks}#runbooks).",
            "",
            "Enter a report's id above to see everything that happened to it, at the bottom of the page.",
          ]) }
        },
        {
          type   = "alarm"
          x      = 8
          y      = 0
          width  = 16
          height = local.header_height
          properties = {
            title  = "Alarms"
            sortBy = "stateUpdatedTimestamp"
            alarms = [for key in keys(local.alarms) : join(":", [
              "arn", local.partition, "cloudwatch", local.region, local.account_id, "alarm", "${var.name}-${key}",
            ])]
          }
        },
      ],
      local.graph_widgets,
      local.query_widgets,
    )
  }
}

resource "aws_cloudwatch_dashboard" "overview" {
  count = local.dashboard_is_made ? 1 : 0

  dashboard_name = local.dashboard_name
  dashboard_body = jsonencode(local.dashboard)

  # A dashboard whose alarms do not exist yet shows errors.
  depends_on = [aws_cloudwatch_metric_alarm.alarms]
}
