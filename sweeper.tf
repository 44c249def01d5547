# The rules that call the coordinator to sweep: every five minutes, and as soon as an
# execution of the workflow fails.

locals {
  sweeps = {
    sweep = {
      description = "Starts the next round of open reports that have no running round."
      schedule    = "rate(5 minutes)"
      pattern     = null
      # The next sweep replaces it.
      maximum_event_age_seconds = 300
    }
    dead-round = {
      description = "Starts the next round of a report whose round has just failed."
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

  # Without the permission, the first events would become dead letters.
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

# Events that EventBridge could not deliver. No function reads them: the next sweep
# does the work of each, and an alarm is raised when sweeps keep failing.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 14 * 24 * 60 * 60
  tags                      = var.tags

  # Without kms_key, SQS' own keys: the key that AWS manages for SQS refuses EventBridge.
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
