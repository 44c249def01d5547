# What somebody has to look at. An alarm without actions still shows its state.

locals {
  metric_namespace = "AlertResponder"

  # The mapping gives a record up after six hours. A quarter of an hour is three
  # times the longest a batch may take, so no busy minute reaches it, and nearly
  # all of the six hours is left to act.
  iterator_age_milliseconds = 15 * 60 * 1000

  # Each alarm looks at sums (the iterator's age: maxima) of five minutes and is
  # raised when they are at least `threshold` for `periods` of them in a row.
  function_alarms = merge([
    for key in local.function_keys : {
      "${key}-errors" = {
        description = "The ${key} failed with an error it did not expect."
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        dimensions  = { FunctionName = "${var.name}-${key}" }
        threshold   = 1
        periods     = 1
      }
      "${key}-throttles" = {
        description = "Calls of the ${key} were turned away for want of concurrency."
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = { FunctionName = "${var.name}-${key}" }
        threshold   = 1
        # A burst passes: callers try again.
        periods = 3
      }
    }
  ]...)

  workflow_alarms = {
    for metric, what in {
      ExecutionsAborted  = "was aborted"
      ExecutionsFailed   = "failed"
      ExecutionsTimedOut = "ran out of time"
      } : lower(replace(metric, "Executions", "rounds-")) => {
      description = "A round of a report ${what}. The sweeper starts the next one."
      namespace   = "AWS/States"
      metric      = metric
      dimensions  = { StateMachineArn = local.workflow_arn }
      threshold   = 1
      periods     = 1
    }
  }

  # Written by the functions themselves.
  package_alarms = {
    deliveries-failed = {
      description = "An emitter was not told of a report."
      namespace   = local.metric_namespace
      metric      = "DeliveriesFailed"
      dimensions  = { installation = var.name, service = "runner" }
      threshold   = 1
      periods     = 1
    }
    inspections-failed = {
      description = "Inspectors have failed for half an hour without a pause."
      namespace   = local.metric_namespace
      metric      = "InspectionsFailed"
      dimensions  = { installation = var.name, service = "runner" }
      threshold   = 1
      periods     = 6
    }
    rejected-alerts = {
      description = "Records were no alerts in a known format; they are in the archive bucket under rejected/."
      namespace   = local.metric_namespace
      metric      = "RejectedAlerts"
      dimensions  = { installation = var.name, service = "receptor" }
      threshold   = 1
      periods     = 1
    }
    reports-failed = {
      description = "A report was given up after three dead rounds and went out as it stood."
      namespace   = local.metric_namespace
      metric      = "ReportsFailed"
      dimensions  = { installation = var.name, service = "coordinator" }
      threshold   = 1
      periods     = 1
    }
  }

  other_alarms = {
    dead-letters = {
      description = "Events that call the sweeper could not be handed over."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = "${var.name}-dead-letters" }
      threshold   = 1
      periods     = 1
    }
    iterator-age = {
      description = "Alerts wait on the stream for a quarter of an hour; after six hours they are given up to the archive bucket under aws/lambda/."
      namespace   = "AWS/Lambda"
      metric      = "IteratorAge"
      dimensions  = { FunctionName = "${var.name}-receptor" }
      statistic   = "Maximum"
      threshold   = local.iterator_age_milliseconds
      periods     = 1
    }
  }

  alarms = merge(
    local.function_alarms,
    local.other_alarms,
    local.package_alarms,
    local.workflow_alarms,
  )
}

resource "aws_cloudwatch_metric_alarm" "alarms" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  comparison_operator = "GreaterThanOrEqualToThreshold"
  dimensions          = each.value.dimensions
  evaluation_periods  = each.value.periods
  metric_name         = each.value.metric
  namespace           = each.value.namespace
  period              = 300
  statistic           = lookup(each.value, "statistic", "Sum")
  threshold           = each.value.threshold
  tags                = var.tags

  # No calls, no data: nothing is wrong.
  treat_missing_data = "notBreaching"

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
}
