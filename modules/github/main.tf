# Notifies of reports on GitHub: one issue for each report, updated by later rounds.

module "function" {
  source = "../plugin-function"

  alert_responder    = var.alert_responder
  kind               = "emitter"
  name               = var.name
  description        = "Notifies of reports in GitHub issues."
  handler            = "alert_responder_plugins.github.handler.handler"
  secret_arn         = var.secret_arn
  secret_kms_key_arn = var.secret_kms_key_arn
  timeout_seconds    = 30

  settings = {
    API_URL      = coalesce(var.base_url, "https://api.github.com")
    EMITTER      = var.name
    LABEL_PREFIX = var.label_prefix
    REPOSITORY   = var.repository
    SECRET_ARN   = var.secret_arn
    TABLE_NAME   = var.alert_responder.table_name
  }

  # Its delivery log.
  written_partition = "emitted/${var.name}/*"

  statements = [{
    Sid      = "KeepDeliveryLog"
    Effect   = "Allow"
    Action   = ["dynamodb:GetItem", "dynamodb:PutItem"]
    Resource = [var.alert_responder.table_arn]
    Condition = {
      "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["emitted/${var.name}/*"] }
    }
  }]
}

module "emitter" {
  source = "../emitter"

  alert_responder = var.alert_responder
  name            = var.name
  function_arn    = module.function.function_arn
  severities      = var.severities
  detectors       = var.detectors
  labels          = var.labels
  enabled         = var.enabled
}
