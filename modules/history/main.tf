# The inspector that says what this installation has seen of an attribute before:
# its function, and what attaches it.

module "function" {
  source = "../plugin-function"

  alert_responder = var.alert_responder
  name            = var.name
  kind            = "inspector"
  description     = "Says in which other reports an attribute was, for AlertResponder ${var.alert_responder.name}."
  handler         = "alert_responder_plugins.history.handler.handler"
  timeout_seconds = 50

  settings = {
    MAX_REPORTS = tostring(var.max_reports)
    TABLE_NAME  = var.alert_responder.table_name
  }

  # Of the table just the partitions that say which reports have an attribute: what
  # is shown of a report is noted there, so that reports, with their alerts and
  # findings, need not be read.
  statements = [{
    Sid       = "ReadHistory"
    Effect    = "Allow"
    Action    = ["dynamodb:Query"]
    Resource  = [var.alert_responder.table_arn]
    Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["attribute/*"] } }
  }]
}

module "inspector" {
  source = "../inspector"

  alert_responder = var.alert_responder
  name            = var.name
  function_arn    = module.function.function_arn
  attribute_types = var.attribute_types
  contexts        = var.contexts
  detectors       = var.detectors
  enabled         = var.enabled

  # Never from the cache: the answer depends on the report that asks.
  cache_seconds = 0
}
