# Puts messages of SNS topics on the alert stream, without code: a queue subscribes to the
# topics, and a pipe puts its messages on the stream. SNS cannot deliver to Kinesis.

locals {
  prefix = "${var.alert_responder.name}-${var.name}"
  # Role names are shared by all regions of an account.
  role_name = "${local.prefix}-${var.alert_responder.region}"

  # Composed, because pipe and role would otherwise depend on each other.
  pipe_arn = join(":", [
    "arn", var.alert_responder.partition, "pipes", var.alert_responder.region, var.alert_responder.account_id,
    "pipe/${local.prefix}",
  ])

  # As long as records on the stream are retried, and longer than most outages.
  retry_seconds      = 6 * 60 * 60
  visibility_seconds = 60
}

resource "aws_sns_topic_subscription" "queue" {
  for_each = var.topic_arns

  topic_arn = each.value
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.messages.arn
  # With SNS's envelope, whose id makes a message that is delivered twice count once.
  raw_message_delivery = false
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letters.arn })

  lifecycle {
    precondition {
      condition     = split(":", each.value)[3] == var.alert_responder.region
      error_message = "topic_arns must contain topics in the region of the installation, ${var.alert_responder.region}. Use one more topic there for those of other regions."
    }
  }

  # Without the permission to send, the first messages would be lost.
  depends_on = [aws_sqs_queue_policy.queues]
}

# Encrypted with SQS' own key, because your own key would have to allow SNS to use it.
resource "aws_sqs_queue" "messages" {
  name                       = local.prefix
  message_retention_seconds  = 14 * 24 * 60 * 60
  visibility_timeout_seconds = local.visibility_seconds
  sqs_managed_sse_enabled    = true
  tags                       = var.alert_responder.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = local.retry_seconds / local.visibility_seconds
  })
}

# Keeps messages that could not be put on the stream, or not delivered to the queue.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${local.prefix}-dead-letters"
  message_retention_seconds = 14 * 24 * 60 * 60
  sqs_managed_sse_enabled   = true
  tags                      = var.alert_responder.tags
}

resource "aws_sqs_queue_policy" "queues" {
  for_each = { messages = aws_sqs_queue.messages, dead-letters = aws_sqs_queue.dead_letters }

  queue_url = each.value.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Topics"
        Effect    = "Allow"
        Action    = "sqs:SendMessage"
        Principal = { Service = "sns.amazonaws.com" }
        Resource  = each.value.arn
        Condition = { ArnEquals = { "aws:SourceArn" = sort(values(var.topic_arns)) } }
      },
      {
        Sid       = "EncryptedOnly"
        Effect    = "Deny"
        Action    = "sqs:SendMessage"
        Principal = "*"
        Resource  = each.value.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_pipes_pipe" "this" {
  name        = local.prefix
  description = "Puts messages of SNS topics on the stream of AlertResponder ${var.alert_responder.name}."
  role_arn    = aws_iam_role.this.arn
  source      = aws_sqs_queue.messages.arn
  target      = var.alert_responder.alert_stream_arn
  tags        = var.alert_responder.tags

  source_parameters {
    sqs_queue_parameters {
      batch_size = 10
    }
  }

  target_parameters {
    # SNS's envelope; without a template, the record would also contain fields of the queue
    # that differ in each delivery.
    input_template = "<$.body>"

    kinesis_stream_parameters {
      partition_key = "$.messageId"
    }
  }

  # EventBridge checks the role's rights when the pipe is created.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role" "this" {
  name                 = local.role_name
  description          = "Role with which a pipe puts messages of SNS topics on the stream of AlertResponder ${var.alert_responder.name}."
  permissions_boundary = var.alert_responder.permissions_boundary_arn
  tags                 = var.alert_responder.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "pipes.amazonaws.com" }
      Condition = { StringEquals = {
        "aws:SourceAccount" = var.alert_responder.account_id
        "aws:SourceArn"     = local.pipe_arn
      } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "put-messages"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Effect   = "Allow"
          Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
          Resource = [aws_sqs_queue.messages.arn]
        },
        {
          Effect   = "Allow"
          Action   = ["kinesis:PutRecord", "kinesis:PutRecords"]
          Resource = [var.alert_responder.alert_stream_arn]
        },
      ],
      var.alert_responder.kms_key_arn == null ? [] : [{
        Effect   = "Allow"
        Action   = ["kms:GenerateDataKey"]
        Resource = [var.alert_responder.kms_key_arn]
      }],
    )
  })
}

resource "aws_cloudwatch_metric_alarm" "queues" {
  for_each = {
    dead-letters = {
      queue     = aws_sqs_queue.dead_letters.name
      metric    = "ApproximateNumberOfMessagesVisible"
      threshold = 0
      text      = "Messages of SNS topics could not be put on the stream and are in the queue ${aws_sqs_queue.dead_letters.name}. Look for the cause in the stream's metrics and the pipe ${local.prefix}, fix it, and move the messages back with a redrive to ${aws_sqs_queue.messages.name}."
    }
    delayed = {
      queue     = aws_sqs_queue.messages.name
      metric    = "ApproximateAgeOfOldestMessage"
      threshold = 15 * 60
      text      = "Messages of SNS topics have waited for the stream for 15 minutes. Check that the pipe ${local.prefix} is running, and look for refused records in the stream's metrics."
    }
  }

  alarm_name        = "${local.prefix}-${each.key}"
  alarm_description = each.value.text
  alarm_actions     = var.alarm_actions
  ok_actions        = var.alarm_actions
  tags              = var.alert_responder.tags

  namespace           = "AWS/SQS"
  metric_name         = each.value.metric
  dimensions          = { QueueName = each.value.queue }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
}

# Messages that could neither be delivered to the queue nor kept. A topic of another
# account has its metrics there, and the alarm here no data.
resource "aws_cloudwatch_metric_alarm" "lost" {
  for_each = var.topic_arns

  alarm_name        = "${local.prefix}-${each.key}-lost"
  alarm_description = "Messages of the topic ${each.key} could neither be delivered to a queue nor kept as dead letters, and are lost. Restore the policies of the queues ${aws_sqs_queue.messages.name} and ${aws_sqs_queue.dead_letters.name}, then read the alerts in the product that sent them."
  alarm_actions     = var.alarm_actions
  ok_actions        = var.alarm_actions
  tags              = var.alert_responder.tags

  namespace           = "AWS/SNS"
  metric_name         = "NumberOfNotificationsFailedToRedriveToDlq"
  dimensions          = { TopicName = reverse(split(":", each.value))[0] }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
}
