# Forwards the findings of one account and region to the central bus in the home
# account: a rule for each kind of event, one role, and one queue for events that could
# not be forwarded.

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition
  prefix    = "${var.name}-forwarder"

  # Composed, so that the policies with them are known before they exist.
  queue_name = "${local.prefix}-dead-letters"
  queue_arn  = "arn:${local.partition}:sqs:${var.region}:${var.account_id}:${local.queue_name}"
  rule_names = { for key in keys(module.finding_events.events) : key => "${local.prefix}-${key}" }
  rule_arns  = [for name in values(local.rule_names) : "arn:${local.partition}:events:${var.region}:${var.account_id}:rule/${name}"]
}

module "finding_events" {
  source = "../finding-events"

  all_updates = var.all_updates
  sources     = var.sources
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = module.finding_events.events

  name          = local.rule_names[each.key]
  description   = "Forwards ${each.key} events to AlertResponder."
  event_pattern = each.value.pattern
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = module.finding_events.events

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "central-bus"
  arn       = var.central_bus_arn
  role_arn  = aws_iam_role.forward.arn

  dead_letter_config {
    arn = local.queue_arn
  }

  # As long as the central rules try to put an event on the stream.
  retry_policy {
    maximum_event_age_in_seconds = 6 * 60 * 60
    maximum_retry_attempts       = 185
  }

  # Without the permission to send, the first failed events would be lost.
  depends_on = [aws_iam_role_policy.forward, aws_sqs_queue_policy.dead_letters]
}

# Role names are shared by all regions of an account.
resource "aws_iam_role" "forward" {
  name        = "${local.prefix}-${var.region}"
  description = "Role with which EventBridge forwards findings to AlertResponder."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
      # No condition on the source: whether EventBridge sends one for a bus is not
      # documented. Only this account can give the role to a rule (iam:PassRole).
    }]
  })

  lifecycle {
    postcondition {
      condition     = split(":", self.arn)[4] == var.account_id
      error_message = "The provider is of account ${split(":", self.arn)[4]}, and account_id is ${var.account_id}."
    }
  }
}

resource "aws_iam_role_policy" "forward" {
  name = "put-events"
  role = aws_iam_role.forward.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "ForwardFindings"
      Effect   = "Allow"
      Action   = ["events:PutEvents"]
      Resource = [var.central_bus_arn]
    }]
  })
}

# Keeps events that could not be forwarded, whole, for 14 days. Encrypted with SQS' own
# key, because your own key would have to allow EventBridge to use it.
resource "aws_sqs_queue" "dead_letters" {
  name                      = local.queue_name
  message_retention_seconds = 14 * 24 * 60 * 60
  sqs_managed_sse_enabled   = true
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
        Resource  = local.queue_arn
        Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arns } }
      },
      {
        Sid       = "EncryptedOnly"
        Effect    = "Deny"
        Action    = "sqs:SendMessage"
        Principal = "*"
        Resource  = local.queue_arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name        = local.queue_name
  alarm_description = "Findings of this region could not be forwarded to AlertResponder and are in the queue ${local.queue_name}. Read the reason in the messages' attributes, and fix it. EventBridge accepts these events from AWS services only: read the findings in the service's console, or put the messages' bodies on the alert stream of the home account, where they are not verified."
  alarm_actions     = var.alarm_actions
  ok_actions        = var.alarm_actions

  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = local.queue_name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
}

# Events that could neither be forwarded nor kept in the queue.
resource "aws_cloudwatch_metric_alarm" "lost" {
  for_each = local.rule_names

  alarm_name        = "${each.value}-lost"
  alarm_description = "${each.key} events of this region could neither be forwarded to AlertResponder nor kept in the queue ${local.queue_name}, and are lost. Restore the queue's policy, then read the findings in the service's console."
  alarm_actions     = var.alarm_actions
  ok_actions        = var.alarm_actions

  namespace           = "AWS/Events"
  metric_name         = "InvocationsFailedToBeSentToDlq"
  dimensions          = { RuleName = each.value }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
}
