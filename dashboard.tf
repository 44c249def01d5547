# One page that says how it does. It shows only metrics that are there; what each
# counts is in docs/operations.md (a test compares them).

locals {
  dashboard_is_made = var.monitoring.enabled && var.monitoring.dashboard

  # Shared by all regions of an account.
  dashboard_name = "${var.name}-${local.region}"

  # The console puts in its place what is typed in above the page.
  report_in_queries = "REPORT_ID"

  log_groups = [
    for group in concat(
      [for key in local.function_keys : aws_cloudwatch_log_group.functions[key]],
      [aws_cloudwatch_log_group.workflow],
    ) : group.name
  ]
  log_sources = [for name in local.log_groups : "SOURCE '${name}'"]

  # All that was done for a report. Step Functions' own lines have the report's id in
  # the name of the execution alone.
  life_of_a_report = [
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
  own_metric = { for name in [
    "AlertsPerReport", "AlertsReceived", "DeliveriesFailed", "InspectionsFailed", "InspectionsThrottled",
    "InternalErrors", "OverflowAlerts", "RejectedAlerts", "ReportsFailed", "ReportsOpened", "ReportsRevived", "ReviewsFailed",
    "TimeToReview",
  ] : name => concat([local.metric_namespace, name], local.of_installation) }
  by_plugin = { for name in ["DeliveriesFailed", "InspectionsFailed", "InspectionsThrottled"] : name => join("", [
    "SEARCH('{${local.metric_namespace},installation,plugin} MetricName=\"${name}\" ",
    "installation=\"${var.name}\"', 'Sum', 300)",
  ]) }

  # Rows of graphs, from left to right. `lines` are metrics as the dashboard's body has
  # them; `limit` is where an alarm is raised.
  graphs = [
    [
      {
        title = "Alerts"
        lines = [for name in ["AlertsReceived", "ReportsOpened", "OverflowAlerts", "RejectedAlerts", "InternalErrors"] : concat(local.own_metric[name], [{ label = name }])]
      },
      {
        title = "How long alerts wait on the stream (ms, longest)"
        limit = local.all_alarms["iterator-age"].threshold
        lines = [["AWS/Lambda", "IteratorAge", "FunctionName", "${var.name}-receptor", { label = "receptor", stat = "Maximum" }]]
      },
      {
        title = "Alerts of one report (most)"
        limit = local.all_alarms["storm"].threshold
        lines = [concat(local.own_metric["AlertsPerReport"], [{ label = "AlertsPerReport", stat = "Maximum" }])]
      },
    ],
    [
      {
        title = "From first alert to review (ms)"
        limit = local.all_alarms["slow-reviews"].threshold
        lines = [for stat in ["p50", "p95"] : concat(local.own_metric["TimeToReview"], [{ label = stat, stat = stat }])]
      },
      {
        title = "Rounds"
        lines = [for name in ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"] :
        ["AWS/States", name, "StateMachineArn", local.workflow_arn, { label = name }]]
      },
      {
        title = "Reports that needed help"
        lines = [for name in ["ReportsRevived", "ReportsFailed", "ReviewsFailed"] : concat(local.own_metric[name], [{ label = name }])]
      },
    ],
    [for name, title in {
      InspectionsFailed    = "Inspections that failed, by inspector"
      InspectionsThrottled = "Inspections that were throttled, by inspector"
      DeliveriesFailed     = "Deliveries that failed, by emitter"
      } : {
      title = title
      lines = [
        concat(local.own_metric[name], [{ label = "all" }]),
        [{ expression = local.by_plugin[name], label = "$${PROP('Dim.plugin')}" }],
      ]
    }],
    [for name, title in {
      Errors    = "Functions: errors"
      Throttles = "Functions: calls turned away"
      Duration  = "Functions: how long calls last (ms, p95)"
      } : {
      title = title
      lines = [for key in local.function_keys :
      ["AWS/Lambda", name, "FunctionName", "${var.name}-${key}", { label = key, stat = name == "Duration" ? "p95" : "Sum" }]]
    }],
    [
      {
        title = "Stream"
        lines = [for name in ["IncomingRecords", "WriteProvisionedThroughputExceeded"] :
        ["AWS/Kinesis", name, "StreamName", var.name, { label = name }]]
      },
      {
        title = "Table: calls throttled"
        lines = [for name in ["ReadThrottleEvents", "WriteThrottleEvents"] : ["AWS/DynamoDB", name, "TableName", var.name, { label = name }]]
      },
      {
        title = "Handed to nobody"
        lines = [
          ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${var.name}-dead-letters", { label = "dead letters of the sweeper", stat = "Maximum" }],
          ["AWS/Lambda", "DestinationDeliveryFailures", "FunctionName", "${var.name}-receptor", { label = "batches lost to the archive" }],
        ]
      },
    ],
  ]

  # The page is 24 wide.
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
      [for limit in compact([lookup(graph, "limit", null)]) : {
        annotations = { horizontal = [{ label = "alarm", value = tonumber(limit) }] }
      }]...
    )
  }]])

  queries = [
    { title = "What went wrong", query = local.what_went_wrong, height = 8 },
    { title = "The life of report ${local.report_in_queries}", query = local.life_of_a_report, height = 12 },
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
            "What the graphs show, and what to do about an alarm: [runbooks](${local.runbooks}).",
            "",
            "Type a report's id in above to read its whole life at the foot of the page.",
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

  # A page that shows alarms before they are there shows errors.
  depends_on = [aws_cloudwatch_metric_alarm.alarms]
}
