# The alarms that somebody must act on. Everything else is on the dashboard. An alarm
# without actions still shows its state.
#
# Each description states what happened and what to do first, and links the runbook:
# docs/operations.md has one for every key here (a test compares them).

locals {
  metric_namespace = "AlertResponder"
  runbooks         = "https://github.com/alert-responder/terraform-aws-alert-responder/blob/main/docs/operations.md"

  of_receptor = { FunctionName = "${var.name}-receptor" }

  # An alarm is raised when one of its metrics reaches its threshold in `periods`
  # periods of five minutes in a row, or in `datapoints` of them. The default statistic
  # is the sum. With an `expression`, the metrics have no thresholds, and the alarm is
  # raised when the expression is 1.
  all_alarms = merge({
    # Both mean that alerts can be lost, and both are repaired at the stream.
    alerts-at-risk = {
      description = "Alerts can be lost: the stream refused records because its shards are full, or batches that exceeded their retries could not be written to the archive bucket. See which on the dashboard, and follow the runbook at once."
      periods     = 1
      metrics = concat(
        [for key, stream in local.streams : {
          id         = key == "alerts" ? "refused" : "refused_${key}", namespace = "AWS/Kinesis", name = "WriteProvisionedThroughputExceeded", threshold = var.monitoring.stream_throttles
          dimensions = { StreamName = stream }
        }],
        [{
          id         = "batches", namespace = "AWS/Lambda", name = "DestinationDeliveryFailures", threshold = 1
          dimensions = local.of_receptor
        }],
      )
    }
    deliveries-failed = {
      description = "An emitter failed to deliver a report, or the outcome of a delivery is unknown. List the deliveries with alert-responder failures list --kind delivery, fix the emitter, and redrive them."
      periods     = 1
      metrics = [
        { id = "failed", name = "DeliveriesFailed", threshold = var.monitoring.deliveries_failed },
      ]
    }
    function-failures = {
      description = "For a quarter of an hour AlertResponder's functions have failed or been throttled, or sweeps could not start. See which on the dashboard, and find the lines with level ERROR or WARNING in its log."
      # Callers retry: a burst passes. The periods slide every minute, so that a burst of
      # six minutes can be in three of them.
      periods = 4
      metrics = concat(
        [for key in local.function_keys : {
          id         = "${key}_errors", namespace = "AWS/Lambda", name = "Errors", threshold = var.monitoring.function_errors
          dimensions = { FunctionName = "${var.name}-${key}" }
        }],
        [for key in local.function_keys : {
          id         = "${key}_throttles", namespace = "AWS/Lambda", name = "Throttles", threshold = var.monitoring.function_throttles
          dimensions = { FunctionName = "${var.name}-${key}" }
        }],
        # Dead letters as they arrive, not as they lie there until the queue is purged.
        [{
          id         = "sweeps", namespace = "AWS/SQS", name = "NumberOfMessagesSent", threshold = 1
          dimensions = { QueueName = "${var.name}-dead-letters" }
        }],
        # Events that EventBridge could not put into the queue either.
        [for key in keys(local.sweeps) : {
          id         = "${replace(key, "-", "_")}_lost", namespace = "AWS/Events", name = "InvocationsFailedToBeSentToDlq", threshold = 1
          dimensions = { RuleName = "${var.name}-${key}" }
        }],
      )
    }
    inspections-failed = {
      description = "For half an hour with hardly a pause, lookups have failed or been throttled: reports are published without their findings. See which inspector on the dashboard, and list the reasons with alert-responder failures list --kind lookup."
      periods     = 8
      datapoints  = 7
      # Zeros are not written. Without them CloudWatch skips a pause, and evaluates the
      # periods before it. The newest period may have no data yet.
      fills = true
      metrics = [
        { id = "failed", name = "InspectionsFailed", threshold = var.monitoring.inspections_failed },
        { id = "throttled", name = "InspectionsThrottled", threshold = var.monitoring.inspections_throttled },
      ]
    }
    # Without calls the receptor has no metrics, so that no other alarm notices. Each
    # period with records or calls is 0 or 1, and repeated until the next one: one record
    # without a call raises the alarm after 25 minutes, also on a quiet stream. With a
    # batch window of five minutes calls come one or two periods after their records, so
    # that up to four of six periods lack one.
    intake-stopped = {
      description = "Records arrive on the stream, but the receptor is not called. After six hours the event source mapping gives up on records. Check the state of the mapping, then the receptor's rights on the stream and its key."
      periods     = 6
      datapoints  = 5
      # MAX skips a metric without data, and IF drops periods without both.
      expression = "FILL(IF(MAX([records, calls]) > 0, MAX([calls, 0 * records]) < 1), REPEAT)"
      metrics = [
        { id = "records", namespace = "AWS/Kinesis", name = "IncomingRecords", dimensions = { StreamName = var.name } },
        { id = "calls", namespace = "AWS/Lambda", name = "Invocations", dimensions = local.of_receptor },
      ]
    }
    # The event source mapping gives up on a record after six hours. A quarter of an
    # hour is three times the longest time a batch may take, so no busy minute reaches
    # it, and nearly all of the six hours is left to act.
    iterator-age = {
      description = "Alerts have waited on the stream for ${var.monitoring.iterator_age_seconds} s; after six hours they are moved to the archive bucket under aws/lambda/. Check the receptor's errors and throttles first."
      periods     = 1
      metrics = [{
        id         = "age", namespace = "AWS/Lambda", name = "IteratorAge", threshold = var.monitoring.iterator_age_seconds * 1000
        dimensions = local.of_receptor, statistic = "Maximum"
      }]
    }
    # Both kinds are archived under rejected/, and `rejected list` tells them apart. A
    # raised threshold must not hide an internal error.
    rejected-alerts = {
      description = "Records were archived because they could not be parsed as alerts, or because of an internal error. List the reasons with alert-responder rejected list, fix the producer or the format, and replay them."
      periods     = 1
      metrics = [
        { id = "rejected", name = "RejectedAlerts", threshold = var.monitoring.rejected_alerts },
        { id = "internal", name = "InternalErrors", threshold = 1 },
      ]
    }
    reviews-failed = {
      description = "Reports were published without a review: the reviewer gave no usable answer, or three rounds of a report failed. List them with alert-responder reports --severity unclassified, judge them yourself, and check the reviewer's log."
      periods     = 1
      metrics = [
        { id = "reviews", name = "ReviewsFailed", threshold = var.monitoring.reviews_failed },
        { id = "reports", name = "ReportsFailed", threshold = 1 },
      ]
    }
    },
    # The same for the verified stream, whose calls are not counted apart: whether its
    # records are read.
    { for key, stream in local.streams : "intake-stopped-${key}" => {
      description = "Records arrive on the ${key} stream, but nothing reads them. After six hours the event source mapping gives up on records. Check the state of the mapping, then the receptor's rights on the stream and its key."
      runbook     = "intake-stopped"
      periods     = 6
      datapoints  = 5
      expression  = "FILL(IF(MAX([records, calls]) > 0, MAX([calls, 0 * records]) < 1), REPEAT)"
      metrics = [
        { id = "records", namespace = "AWS/Kinesis", name = "IncomingRecords", dimensions = { StreamName = stream } },
        { id = "calls", namespace = "AWS/Kinesis", name = "GetRecords.Records", dimensions = { StreamName = stream } },
      ]
    } if key != "alerts" },
  )
  alarms = { for key, alarm in local.all_alarms : key => merge(alarm, {
    metrics = [for metric in alarm.metrics : merge(
      { dimensions = { installation = var.name }, namespace = local.metric_namespace, statistic = "Sum" },
      metric,
    )]
  }) if var.monitoring.enabled }

  # The metric of an alarm on one; the metric math of an alarm on several. An alarm on
  # several looks at each metric as a share of its threshold, and at the largest share:
  # MAX skips a metric without data, where an operator between two would give nothing.
  single_metrics = { for key, alarm in local.alarms : key => alarm.metrics[0] if length(alarm.metrics) == 1 }
  metric_queries = { for key, alarm in local.alarms : key => concat(
    [{
      id         = "result"
      expression = try(alarm.expression, "MAX([${join(", ", [for metric in alarm.metrics : "${metric.id}_share"])}])")
      metric     = null
    }],
    [for metric in alarm.metrics : {
      id         = "${metric.id}_share"
      expression = "${try(alarm.fills, false) ? "FILL(${metric.id}, 0)" : metric.id} / ${metric.threshold}"
      metric     = null
    } if can(metric.threshold)],
    [for metric in alarm.metrics : {
      id         = metric.id
      expression = null
      metric     = metric
    }],
  ) if length(alarm.metrics) > 1 }
}

resource "aws_cloudwatch_metric_alarm" "alarms" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description} ${local.runbooks}#${try(each.value.runbook, each.key)}"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  datapoints_to_alarm = try(each.value.datapoints, null)
  evaluation_periods  = each.value.periods
  tags                = var.tags

  dimensions  = try(local.single_metrics[each.key].dimensions, null)
  metric_name = try(local.single_metrics[each.key].name, null)
  namespace   = try(local.single_metrics[each.key].namespace, null)
  period      = contains(keys(local.single_metrics), each.key) ? 300 : null
  statistic   = try(local.single_metrics[each.key].statistic, null)
  threshold   = try(local.single_metrics[each.key].threshold, 1)

  dynamic "metric_query" {
    for_each = try(local.metric_queries[each.key], [])
    iterator = query

    content {
      id          = query.value.id
      expression  = query.value.expression
      return_data = query.value.id == "result"

      dynamic "metric" {
        for_each = query.value.metric == null ? [] : [query.value.metric]

        content {
          dimensions  = metric.value.dimensions
          metric_name = metric.value.name
          namespace   = metric.value.namespace
          period      = 300
          stat        = metric.value.statistic
        }
      }
    }
  }

  # No calls, no data: nothing is wrong.
  treat_missing_data = "notBreaching"

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
}
