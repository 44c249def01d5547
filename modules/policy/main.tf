# The reviewer that rates reports by a policy: its function, the policy, and its
# attachment.

locals {
  # `tests` are for the command line: the function does not need them.
  policy_json = jsonencode({ for field, value in var.policy : field => value if field != "tests" })
}

module "function" {
  source = "../plugin-function"

  alert_responder = var.alert_responder
  name            = var.name
  kind            = "reviewer"
  description     = "Rates reports by a policy, for AlertResponder ${var.alert_responder.name}."
  handler         = "alert_responder_plugins.policy.handler.handler"
  memory_mb       = 1769 # one whole processor
  timeout_seconds = 50

  settings = {
    INSTALLATION = var.alert_responder.name
    PLUGIN_NAME  = var.name
    TABLE_NAME   = var.alert_responder.table_name
  }

  statements = [{
    Sid       = "ReadPolicy"
    Effect    = "Allow"
    Action    = ["dynamodb:GetItem"]
    Resource  = [var.alert_responder.table_arn]
    Condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["policy/${var.name}"] } }
  }]
}

# The policy, which the function reads at run time: a change needs no new function.
resource "aws_dynamodb_table_item" "policy" {
  table_name = var.alert_responder.table_name
  hash_key   = "pk"
  range_key  = "sk"

  item = jsonencode({
    pk      = { S = "policy/${var.name}" }
    sk      = { S = "policy" }
    policy  = { S = local.policy_json }
    version = { N = "1" }
  })

  lifecycle {
    precondition {
      condition     = length(local.faults) == 0
      error_message = "policy is invalid:\n- ${join("\n- ", slice(local.faults, 0, min(20, length(local.faults))))}${length(local.faults) > 20 ? "\n- and ${length(local.faults) - 20} more" : ""}"
    }
  }
}

module "reviewer" {
  source = "../reviewer"

  alert_responder = var.alert_responder
  function_arn    = module.function.function_arn

  # The function is not called before it can read its policy.
  depends_on = [aws_dynamodb_table_item.policy]
}

resource "aws_cloudwatch_metric_alarm" "faults" {
  alarm_name          = "${var.alert_responder.name}-${var.name}-faults"
  alarm_description   = "The policy of AlertResponder ${var.alert_responder.name} could not be applied as a whole: an expression fails, a suppression that would match has expired, or the policy cannot be read. The notes of reports and the lines \"policy fault\" in the function's log name the cause. Correct the policy, and try it with alert-responder policy check."
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 1
  metric_name         = "PolicyFaults"
  namespace           = "AlertResponder"
  statistic           = "Sum"
  threshold           = 1
  tags                = var.alert_responder.tags

  dimensions = {
    installation = var.alert_responder.name
    plugin       = var.name
  }

  # Raised once, although not each report has the fault.
  period = 600

  # No faults, no data.
  treat_missing_data = "notBreaching"

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
}
