# Keeps the directory: a function that reads the organisation's accounts on a schedule,
# and two alarms. Everything else reads the item that it writes.

locals {
  listed = var.accounts != null

  # Management and delegated administrators are protected even if they are not listed.
  protected = local.listed ? merge(
    { for id in var.delegated_administrator_accounts : id => { kind = "delegated_administrator" } },
    var.management_account == null ? {} : { (var.management_account) = { kind = "management" } },
  ) : {}
  named = local.listed ? {
    for id in setunion(keys(var.accounts), keys(local.protected)) : id => {
      for field, text in merge(try(var.accounts[id], {}), try(local.protected[id], {})) : field => text if text != null
    }
  } : {}
}

module "function" {
  source = "../plugin-function"

  alert_responder = var.alert_responder
  name            = "organization"
  kind            = "schedule"
  description     = "Keeps the directory of accounts of AlertResponder ${var.alert_responder.name}."
  handler         = "alert_responder_plugins.organization.handler.handler"
  timeout_seconds = 870

  settings = {
    ENVIRONMENT_TAGS     = jsonencode(var.environment_tags)
    HOME_ACCOUNT         = var.alert_responder.account_id
    INSTALLATION         = var.alert_responder.name
    LISTED               = tostring(local.listed)
    ORGANIZATIONAL_UNITS = jsonencode(var.organizational_units)
    OWNER_TAGS           = jsonencode(var.owner_tags)
    TABLE_NAME           = var.alert_responder.table_name
    TIME_BUDGET_SECONDS  = "700"
  }

  written_partition = "organization"

  statements = concat(
    [{
      Sid       = "KeepDirectory"
      Effect    = "Allow"
      Action    = ["dynamodb:GetItem", "dynamodb:PutItem"]
      Resource  = [var.alert_responder.table_arn]
      Condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["organization"] } }
    }],
    local.listed ? [] : [
      {
        # These support no resources.
        Sid    = "ReadOrganization"
        Effect = "Allow"
        Action = [
          "organizations:DescribeOrganization",
          "organizations:ListAccounts",
          "organizations:ListDelegatedAdministrators",
          "organizations:ListRoots",
        ]
        Resource = ["*"]
      },
      {
        # ARNs contain the management account, which is not an input.
        Sid    = "ReadUnits"
        Effect = "Allow"
        Action = ["organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent"]
        Resource = [
          "arn:${var.alert_responder.partition}:organizations::*:ou/*",
          "arn:${var.alert_responder.partition}:organizations::*:root/*",
        ]
      },
    ],
    local.listed || length(var.owner_tags) + length(var.environment_tags) == 0 ? [] : [{
      Sid      = "ReadTags"
      Effect   = "Allow"
      Action   = ["organizations:ListTagsForResource"]
      Resource = ["arn:${var.alert_responder.partition}:organizations::*:account/*"]
    }],
  )
}

# The accounts, if AWS Organizations is not asked. The function makes the directory of them.
resource "aws_dynamodb_table_item" "accounts" {
  count = local.listed ? 1 : 0

  table_name = var.alert_responder.table_name
  hash_key   = "pk"
  range_key  = "sk"

  item = jsonencode({
    pk       = { S = "organization" }
    sk       = { S = "accounts" }
    accounts = { S = jsonencode(local.named) }
  })
}

resource "aws_cloudwatch_event_rule" "refresh" {
  name                = "${var.alert_responder.name}-organization"
  description         = "Refreshes the directory of accounts."
  schedule_expression = "rate(${var.refresh_minutes} minutes)"
  tags                = var.alert_responder.tags
}

resource "aws_cloudwatch_event_target" "refresh" {
  rule  = aws_cloudwatch_event_rule.refresh.name
  arn   = module.function.function_arn
  input = jsonencode({})

  # The next event replaces it.
  retry_policy {
    maximum_event_age_in_seconds = 600
    maximum_retry_attempts       = 1
  }

  depends_on = [aws_lambda_permission.refresh]
}

resource "aws_lambda_permission" "refresh" {
  statement_id  = "refresh"
  action        = "lambda:InvokeFunction"
  function_name = module.function.function_arn
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.refresh.arn
}

resource "aws_cloudwatch_metric_alarm" "stale" {
  alarm_name          = "${var.alert_responder.name}-organization-stale"
  alarm_description   = "The directory of accounts was not refreshed for ${3 * var.refresh_minutes} minutes. 24 hours after the last refresh it is stale, and nothing is contained in member accounts. Find the lines \"directory not refreshed\" in the function's log; without any, look whether the rule ${aws_cloudwatch_event_rule.refresh.name} is enabled."
  comparison_operator = "LessThanThreshold"
  evaluation_periods  = 3
  threshold           = 1
  tags                = var.alert_responder.tags

  # A function that is not called writes nothing. Without FILL, CloudWatch would
  # evaluate older data points in place of missing ones.
  treat_missing_data = "breaching"

  metric_query {
    id          = "filled"
    expression  = "FILL(refreshed, 0)"
    label       = "Refreshes"
    return_data = true
  }

  metric_query {
    id = "refreshed"

    metric {
      dimensions  = { installation = var.alert_responder.name }
      metric_name = "DirectoryRefreshed"
      namespace   = "AlertResponder"
      period      = 60 * var.refresh_minutes
      stat        = "Sum"
    }
  }

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "incomplete" {
  alarm_name          = "${var.alert_responder.name}-organization-incomplete"
  alarm_description   = "Refreshes leave something out of the directory of accounts. Find the lines \"directory incomplete\" in the function's log. Tags that could not be read keep their last values."
  comparison_operator = "GreaterThanOrEqualToThreshold"
  dimensions          = { installation = var.alert_responder.name }
  evaluation_periods  = 2
  metric_name         = "DirectoryGaps"
  namespace           = "AlertResponder"
  # One refresh at least is in each period, and a single one in one of them only.
  period    = 2 * 60 * var.refresh_minutes
  statistic = "Maximum"
  threshold = 1
  tags      = var.alert_responder.tags

  # The other alarm notices that there are no refreshes.
  treat_missing_data = "notBreaching"

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
}
