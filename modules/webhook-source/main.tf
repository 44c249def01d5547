# Puts documents that products post over HTTP on the alert stream: an HTTP API, a function
# that verifies each request, and a queue for documents that the stream did not accept.
# docs/decisions/0091-webhook-source.md explains why it is not a function URL.

locals {
  prefix = "${var.alert_responder.name}-source-${var.name}"
}

module "function" {
  source = "../plugin-function"

  alert_responder      = var.alert_responder
  kind                 = "source"
  name                 = var.name
  description          = "Puts alerts that products post over HTTP on the stream of AlertResponder ${var.alert_responder.name}."
  handler              = "alert_responder_plugins.webhook.handler.handler"
  memory_mb            = 512
  reserved_concurrency = var.reserved_concurrency
  secret_arn           = var.secret_arn
  secret_kms_key_arn   = var.secret_kms_key_arn
  timeout_seconds      = 25

  settings = {
    DEAD_LETTER_QUEUE_URL = aws_sqs_queue.dead_letters.url
    SECRET_ARN            = var.secret_arn
    SECRET_HEADER         = var.secret_header == null ? "" : lower(var.secret_header)
    STREAM_ARN            = var.alert_responder.alert_stream_arn
  }

  statements = [
    {
      Sid      = "PutAlerts"
      Effect   = "Allow"
      Action   = ["kinesis:PutRecord"]
      Resource = [var.alert_responder.alert_stream_arn]
    },
    {
      Sid      = "KeepDeadLetters"
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = [aws_sqs_queue.dead_letters.arn]
    },
  ]
}

resource "aws_apigatewayv2_api" "this" {
  name          = local.prefix
  description   = "Receives alerts that products post to AlertResponder ${var.alert_responder.name}."
  protocol_type = "HTTP"
  tags          = var.alert_responder.tags
}

resource "aws_apigatewayv2_integration" "function" {
  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = module.function.function_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 29000
}

# All methods and paths, so that the function can say what is allowed.
resource "aws_apigatewayv2_route" "all" {
  api_id    = aws_apigatewayv2_api.this.id
  route_key = "$default"
  target    = "integrations/${aws_apigatewayv2_integration.function.id}"
}

# Anybody may send requests: the limit bounds what a flood of them costs.
resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true
  tags        = var.alert_responder.tags

  default_route_settings {
    throttling_burst_limit = 2 * var.max_requests_per_second
    throttling_rate_limit  = var.max_requests_per_second
  }

  # Without the permission, the first requests would fail.
  depends_on = [aws_apigatewayv2_route.all, aws_lambda_permission.api]
}

resource "aws_lambda_permission" "api" {
  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = module.function.function_arn
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*/$default"
}

# Keeps documents that could not be put on the stream, whole, for 14 days: not every
# sender repeats a request. Larger ones than SQS accepts (256 KiB) are not kept; the
# sender gets an error. Encrypted with SQS' own key.
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
    Statement = [{
      Sid       = "EncryptedOnly"
      Effect    = "Deny"
      Action    = "sqs:SendMessage"
      Principal = "*"
      Resource  = aws_sqs_queue.dead_letters.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name        = "${local.prefix}-dead-letters"
  alarm_description = "Alerts that products posted could not be put on the stream and are in the queue ${aws_sqs_queue.dead_letters.name}. Look for the cause in the stream's metrics, fix it, and put the messages' bodies on the stream."
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

# Requests that were not answered properly: the secret cannot be read, the function is
# throttled or fails, or the stream refused a document. Rejected requests are not
# among them, since anybody may send some.
resource "aws_cloudwatch_metric_alarm" "failures" {
  alarm_name        = "${local.prefix}-failures"
  alarm_description = "Requests to ${aws_apigatewayv2_api.this.name} ended with a status of 500 or more; products that do not repeat them lose alerts. Look for errors in the log of the function, and check the secret, then have the products send them again."
  alarm_actions     = var.alarm_actions
  ok_actions        = var.alarm_actions
  tags              = var.alert_responder.tags

  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  dimensions          = { ApiId = aws_apigatewayv2_api.this.id, Stage = aws_apigatewayv2_stage.this.name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
}
