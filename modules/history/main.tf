# The inspector that finds earlier reports with the same attribute: its function, and
# its attachment.

module "function" {
  source = "../plugin-function"

  alert_responder = var.alert_responder
  name            = var.name
  kind            = "inspector"
  description     = "Finds other reports with the same attribute, for AlertResponder ${var.alert_responder.name}."
  handler         = "alert_responder_plugins.history.handler.handler"
  timeout_seconds = 50

  settings = {
    MAX_REPORTS = tostring(var.max_reports)
    TABLE_NAME  = var.alert_responder.table_name
  }

  # Only the partitions that list the reports of an attribute. They hold everything
  # that is shown about a report, so that reports themselves are not read.
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

  # Never cached: the answer depends on the report of the lookup.
  cache_seconds = 0
}
