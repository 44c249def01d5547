# What calls the coordinator to sweep: every five minutes, and at once when an
# execution of the workflow ended badly.

locals {
  sweeps = {
    sweep = {
      description = "Finds open reports without a running round."
      schedule    = "rate(5 minutes)"
      pattern     = null
      # The next one comes anyway.
      maximum_event_age_seconds = 300
    }
    dead-round = {
      description = "Finds the report whose round has just died."
      schedule    = null
      pattern = jsonencode({
        source      = ["aws.states"]
        detail-type = ["Step Functions Execution Status Change"]
        detail = {
          stateMachineArn = [local.workflow_arn]
          status          = ["FAILED", "TIMED_OUT", "ABORTED"]
        }
      })
      maximum_event_age_seconds = 3600
    }
  }
}

resource "aws_cloudwatch_event_rule" "sweeps" {
  for_each = local.sweeps

  name                = "${var.name}-${each.key}"
  description         = each.value.description
  event_pattern       = each.value.pattern
  schedule_expression = each.value.schedule
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "sweep" {
  rule  = aws_cloudwatch_event_rule.sweeps["sweep"].name
  arn   = aws_lambda_function.functions["coordinator"].arn
  input = jsonencode({ step = "sweep" })

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }

  retry_policy {
    maximum_event_age_in_seconds = local.sweeps["sweep"].maximum_event_age_seconds
    maximum_retry_attempts       = 5
  }

  # Without the right to call, the first events would be dead letters.
  depends_on = [aws_lambda_permission.sweeps, aws_sqs_queue_policy.dead_letters]
}

resource "aws_cloudwatch_event_target" "dead_round" {
  rule = aws_cloudwatch_event_rule.sweeps["dead-round"].name
  arn  = aws_lambda_function.functions["coordinator"].arn

  input_transformer {
    input_paths    = { execution = "$.detail.name" }
    input_template = "{\"step\":\"sweep\",\"execution\":\"<execution>\"}"
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }

  retry_policy {
    maximum_event_age_in_seconds = local.sweeps["dead-round"].maximum_event_age_seconds
    maximum_retry_attempts       = 20
  }

  # As above.
  depends_on = [aws_lambda_permission.sweeps, aws_sqs_queue_policy.dead_letters]
}

resource "aws_lambda_permission" "sweeps" {
  for_each = local.sweeps

  statement_id  = each.key
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.functions["coordinator"].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.sweeps[each.key].arn
}

# Events EventBridge could not hand over. Nothing reads them: an alarm says that
# there are some, and the next sweep makes up for each.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 14 * 24 * 60 * 60
  tags                      = var.tags

  # With null, SQS' own keys: the key AWS manages for SQS refuses EventBridge.
  kms_master_key_id       = var.kms_key == null ? null : var.kms_key.arn
  sqs_managed_sse_enabled = var.kms_key == null ? true : null
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TakeFromSweeps"
      Effect    = "Allow"
      Action    = "sqs:SendMessage"
      Principal = { Service = "events.amazonaws.com" }
      Resource  = aws_sqs_queue.dead_letters.arn
      Condition = {
        ArnEquals = {
          "aws:SourceArn" = [for rule in aws_cloudwatch_event_rule.sweeps : rule.arn]
        }
      }
    }]
  })
}
