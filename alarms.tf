# What somebody has to look at. An alarm without actions still shows its state.
#
# Each description says what happened, what to do first, and where the runbook is:
# docs/operations.md has one for every key here (a test compares them).

locals {
  metric_namespace = "AlertResponder"
  runbooks         = "https://github.com/alert-responder/terraform-aws-alert-responder/blob/main/docs/operations.md"

  # The settings allow a report to wait, to be inspected to its full depth and to be
  # reviewed for that long; five minutes on top are for retries.
  review_seconds = coalesce(
    var.monitoring.review_seconds,
    var.inspection_delay_seconds + var.inspection_timeout_seconds * (1 + var.max_inspection_depth) + 300,
  )

  # Each alarm looks at sums of five minutes, or at another statistic that it names,
  # and is raised when they are at least `threshold` for `periods` of them in a row.
  function_alarms = merge([
    for key, what in {
      coordinator = "Steps of rounds are tried again, and a round whose step keeps failing is begun anew."
      receptor    = "Its batch comes again, and what lies behind it on the shard waits."
      runner      = "Its lookups or its delivery are tried again, and the report says what was given up."
      } : {
      "${key}-errors" = {
        description = "The ${key} failed. ${what} Find the lines with level ERROR or WARNING in its log."
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        dimensions  = { FunctionName = "${var.name}-${key}" }
        threshold   = var.monitoring.function_errors
        periods     = 1
      }
      "${key}-throttles" = {
        description = "Calls of the ${key} have been turned away for a quarter of an hour. ${what} Raise the account's concurrency, or what is reserved for it."
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = { FunctionName = "${var.name}-${key}" }
        threshold   = var.monitoring.function_throttles
        # A burst passes: callers try again.
        periods = 3
      }
    }
  ]...)

  workflow_alarms = {
    for metric, what in {
      ExecutionsAborted  = "was stopped by somebody"
      ExecutionsFailed   = "failed"
      ExecutionsTimedOut = "ran out of time"
      } : lower(replace(metric, "Executions", "rounds-")) => {
      description = "A round of a report ${what}. The sweeper starts the next one; see with alert-responder failures list which and why."
      namespace   = "AWS/States"
      metric      = metric
      dimensions  = { StateMachineArn = local.workflow_arn }
      threshold   = var.monitoring.rounds_failed
      periods     = 1
    }
  }

  # Written by the functions themselves.
  package_alarms = {
    for key, alarm in {
      deliveries-failed = {
        description = "An emitter was not told of a report, or nobody knows whether it was. See with alert-responder failures list --kind delivery which, mend the emitter, and redrive."
        metric      = "DeliveriesFailed"
        threshold   = var.monitoring.deliveries_failed
        periods     = 1
      }
      inspections-failed = {
        description = "Inspectors have failed for half an hour without a pause: reports go out with less than they could say. See on the dashboard which, and in its log why."
        metric      = "InspectionsFailed"
        threshold   = var.monitoring.inspections_failed
        periods     = 6
      }
      inspections-throttled = {
        description = "Inspectors have refused lookups for half an hour, or their quotas left no call. See on the dashboard which; raise its concurrency or max_per_minute, or set cache_seconds."
        metric      = "InspectionsThrottled"
        threshold   = var.monitoring.inspections_throttled
        periods     = 6
      }
      internal-errors = {
        description = "Records were archived because of an unexpected error, not because of what they say. See with alert-responder rejected list which, report the error with its place, and replay them with a version that has it fixed."
        metric      = "InternalErrors"
        threshold   = 1
        periods     = 1
      }
      overflow = {
        description = "More reports were about to open in an hour than max_new_reports_per_hour allows. Nothing is lost: find the overflow report with alert-responder reports, and see who sends so many incidents."
        metric      = "OverflowAlerts"
        threshold   = var.monitoring.overflow_alerts
        periods     = 1
      }
      rejected-alerts = {
        description = "Records were no alerts in a known format. See with alert-responder rejected list why; mend the producer or add a format, and replay them."
        metric      = "RejectedAlerts"
        threshold   = var.monitoring.rejected_alerts
        periods     = 1
      }
      reports-failed = {
        description = "A report was given up after three dead rounds and went out as it stood, unclassified. Look at it yourself, and find in the logs what ended its rounds."
        metric      = "ReportsFailed"
        threshold   = 1
        periods     = 1
      }
      reviews-failed = {
        description = "The reviewer gave no usable answer: reports go out unclassified, with the reason. Look at one with alert-responder report, and at the reviewer's log."
        metric      = "ReviewsFailed"
        threshold   = var.monitoring.reviews_failed
        periods     = 1
      }
      slow-reviews = {
        description = "For a quarter of an hour one new report in twenty or more took ${local.review_seconds} s from its first alert to its review. See on the dashboard what waits: stream, functions or inspectors."
        metric      = "TimeToReview"
        statistic   = "p95"
        threshold   = local.review_seconds * 1000
        periods     = 3
      }
      storm = {
        description = "A report has ${var.monitoring.storm_alerts} alerts or more. Nothing is lost; find it with alert-responder reports, and quiet the detector."
        metric      = "AlertsPerReport"
        statistic   = "Maximum"
        threshold   = var.monitoring.storm_alerts
        periods     = 1
      }
      } : key => merge({
        dimensions = { installation = var.name }
        namespace  = local.metric_namespace
        statistic  = "Sum"
    }, alarm)
  }

  other_alarms = {
    dead-letters = {
      description = "Events that call the sweeper could not be handed over; the next sweep makes up for each. Read why in the messages of the queue, mend it, and purge the queue."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = "${var.name}-dead-letters" }
      statistic   = "Maximum"
      threshold   = 1
      periods     = 1
    }
    # The mapping gives a record up after six hours. A quarter of an hour is three
    # times the longest a batch may take, so no busy minute reaches it, and nearly
    # all of the six hours is left to act.
    iterator-age = {
      description = "Alerts have waited on the stream for ${var.monitoring.iterator_age_seconds} s; after six hours they are given up to the archive bucket under aws/lambda/. Look at the receptor's errors and throttles first."
      namespace   = "AWS/Lambda"
      metric      = "IteratorAge"
      dimensions  = { FunctionName = "${var.name}-receptor" }
      statistic   = "Maximum"
      threshold   = var.monitoring.iterator_age_seconds * 1000
      periods     = 1
    }
    lost-batches = {
      description = "Batches that were given up could not be written to the archive bucket. They are on the stream alone, for ${var.stream_retention_hours} h from their arrival: see what keeps the receptor's role from the bucket at once."
      namespace   = "AWS/Lambda"
      metric      = "DestinationDeliveryFailures"
      dimensions  = { FunctionName = "${var.name}-receptor" }
      threshold   = 1
      periods     = 1
    }
    stream-full = {
      description = "The stream turned producers away for want of shards. They have to send again: raise stream_shard_count, or set stream_mode to ON_DEMAND."
      namespace   = "AWS/Kinesis"
      metric      = "WriteProvisionedThroughputExceeded"
      dimensions  = { StreamName = var.name }
      threshold   = var.monitoring.stream_throttles
      periods     = 1
    }
  }

  all_alarms = merge(
    local.function_alarms,
    local.other_alarms,
    local.package_alarms,
    local.workflow_alarms,
  )
  alarms = { for key, alarm in local.all_alarms : key => alarm if var.monitoring.enabled }

  # CloudWatch tells percentiles from the other statistics.
  alarm_statistics = { for key, alarm in local.all_alarms : key => lookup(alarm, "statistic", "Sum") }
}

resource "aws_cloudwatch_metric_alarm" "alarms" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description} ${local.runbooks}#${each.key}"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  dimensions          = each.value.dimensions
  evaluation_periods  = each.value.periods
  extended_statistic  = startswith(local.alarm_statistics[each.key], "p") ? local.alarm_statistics[each.key] : null
  metric_name         = each.value.metric
  namespace           = each.value.namespace
  period              = 300
  statistic           = startswith(local.alarm_statistics[each.key], "p") ? null : local.alarm_statistics[each.key]
  threshold           = each.value.threshold
  tags                = var.tags

  # No calls, no data: nothing is wrong.
  treat_missing_data = "notBreaching"

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
}
