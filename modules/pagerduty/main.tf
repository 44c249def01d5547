# Pages people through PagerDuty: one incident for each urgent report, updated and
# resolved by later rounds.

module "function" {
  source = "../plugin-function"

  alert_responder    = var.alert_responder
  kind               = "emitter"
  name               = var.name
  description        = "Pages people through PagerDuty."
  handler            = "alert_responder_plugins.pagerduty.handler.handler"
  package_file       = "${path.module}/../../dist/pagerduty.zip"
  secret_arn         = var.secret_arn
  secret_kms_key_arn = var.secret_kms_key_arn
  timeout_seconds    = 30

  settings = {
    EMITTER              = var.name
    PAGERDUTY_API_URL    = coalesce(var.api_url, "https://events.pagerduty.com")
    PAGERDUTY_SEVERITIES = jsonencode(var.pagerduty_severities)
    PAGERDUTY_SOURCE     = var.alert_responder.name
    PAGERDUTY_TRIGGERS   = jsonencode(sort(tolist(var.severities)))
    SECRET_ARN           = var.secret_arn
    TABLE_NAME           = var.alert_responder.table_name
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
