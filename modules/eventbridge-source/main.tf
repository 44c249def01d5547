# Puts findings from EventBridge on the alert stream: a rule for each kind of event on
# each bus, one role, and one queue for events that could not be put there.

locals {
  # Events by the name of their rule.
  events = merge(
    module.finding_events.events,
    {
      for key, event in var.event_patterns : key => {
        pattern        = event.pattern
        partition_path = event.partition_key_path
      }
    },
  )

  # The central bus accepts no other events than those of sources.
  events_by_bus = merge(
    { for bus in var.event_bus_names : bus => local.events },
    { for bus in local.central_bus_names : bus => module.finding_events.events },
  )

  # One rule for each kind and bus, named by the last part of the bus: buses of other accounts are given by ARN.
  rules = merge([
    for bus, events in local.events_by_bus : {
      for key, event in events : "${reverse(split("/", bus))[0]}/${key}" => merge(event, { bus = bus, key = key })
    }
  ]...)

  # No producer may write to the verified stream, so that none can forge these events.
  stream_arn = coalesce(var.alert_responder.verified_stream_arn, var.alert_responder.alert_stream_arn)

  prefix = "${var.alert_responder.name}-${var.name}"
  # Role names are shared by all regions of an account.
  role_name = "${local.prefix}-${var.alert_responder.region}"
}

module "finding_events" {
  source = "../finding-events"

  all_updates = var.all_updates
  sources     = var.sources
}

resource "aws_cloudwatch_event_rule" "findings" {
  for_each = local.rules

  name           = "${local.prefix}-${each.value.key}"
  description    = "Puts ${each.value.key} events on the stream of AlertResponder ${var.alert_responder.name}."
  event_bus_name = contains(local.central_bus_names, each.value.bus) ? aws_cloudwatch_event_bus.central[0].name : each.value.bus
  event_pattern  = each.value.pattern
  tags           = var.alert_responder.tags
}

resource "aws_cloudwatch_event_target" "stream" {
  for_each = local.rules

  rule           = aws_cloudwatch_event_rule.findings[each.key].name
  event_bus_name = each.value.bus
  arn            = local.stream_arn
  role_arn       = aws_iam_role.this.arn

  # All events of one finding go to one shard, in their order.
  dynamic "kinesis_target" {
    for_each = each.value.partition_path == null ? [] : [each.value.partition_path]

    content {
      partition_key_path = kinesis_target.value
    }
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }

  # As long as records on the stream are retried, and longer than most outages.
  retry_policy {
    maximum_event_age_in_seconds = 6 * 60 * 60
    maximum_retry_attempts       = 185
  }

  # Without the permission to send, the first failed events would be lost.
  depends_on = [aws_iam_role_policy.this, aws_sqs_queue_policy.dead_letters]
}

resource "aws_iam_role" "this" {
  name                 = local.role_name
  description          = "Role with which EventBridge puts findings on the stream of AlertResponder ${var.alert_responder.name}."
  permissions_boundary = var.alert_responder.permissions_boundary_arn
  tags                 = var.alert_responder.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
      # No condition on the source: whether EventBridge sends one for a stream is not
      # documented. Only this account can give the role to a rule (iam:PassRole).
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "put-findings"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Effect   = "Allow"
        Action   = ["kinesis:PutRecord", "kinesis:PutRecords"]
        Resource = [local.stream_arn]
      }],
      var.alert_responder.kms_key_arn == null ? [] : [{
        Effect   = "Allow"
        Action   = ["kms:GenerateDataKey"]
        Resource = [var.alert_responder.kms_key_arn]
      }],
    )
  })
}

# Keeps events that could not be put on the stream, whole, for 14 days. Encrypted with
# SQS' own key, because your own key would have to allow EventBridge to use it.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${local.prefix}-dead-letters"
  message_retention_seconds = 14 * 24 * 60 * 60
  sqs_managed_sse_enabled   = true
  tags                      = var.alert_responder.tags
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Action    = "sqs:SendMessage"
        Principal = { Service = "events.amazonaws.com" }
        Resource  = aws_sqs_queue.dead_letters.arn
        Condition = { ArnEquals = { "aws:SourceArn" = [for rule in aws_cloudwatch_event_rule.findings : rule.arn] } }
      },
      {
        Sid       = "EncryptedOnly"
        Effect    = "Deny"
        Action    = "sqs:SendMessage"
        Principal = "*"
        Resource  = aws_sqs_queue.dead_letters.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name        = "${local.prefix}-dead-letters"
  alarm_description = "Findings could not be put on the stream and are in the queue ${aws_sqs_queue.dead_letters.name}. Read the reason in the messages' attributes, fix it, and put the messages' bodies on the alert stream."
  alarm_actions     = var.alarm_actions
  ok_actions        = var.alarm_actions
  tags              = var.alert_responder.tags

  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
}

# Events that could neither be put on the stream nor kept in the queue.
resource "aws_cloudwatch_metric_alarm" "lost" {
  for_each = local.rules

  alarm_name        = "${local.prefix}-${replace(each.key, "/", "-")}-lost"
  alarm_description = "${each.value.key} events could neither be put on the stream nor kept in the queue ${aws_sqs_queue.dead_letters.name}, and are lost. Restore the queue's policy, then read the findings in the service's console."
  alarm_actions     = var.alarm_actions
  ok_actions        = var.alarm_actions
  tags              = var.alert_responder.tags

  namespace   = "AWS/Events"
  metric_name = "InvocationsFailedToBeSentToDlq"
  dimensions = merge(
    { RuleName = aws_cloudwatch_event_rule.findings[each.key].name },
    { for bus in [split("/", each.key)[0]] : "EventBusName" => bus if bus != "default" },
  )
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
}
