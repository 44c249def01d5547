# Notifies of reports in Slack: one message for each report, updated by later rounds.

module "function" {
  source = "../plugin-function"

  alert_responder    = var.alert_responder
  kind               = "emitter"
  name               = var.name
  description        = "Notifies of reports in Slack."
  handler            = "alert_responder_plugins.slack.handler.handler"
  package_file       = "${path.module}/../../dist/slack.zip"
  secret_arn         = var.secret_arn
  secret_kms_key_arn = var.secret_kms_key_arn
  timeout_seconds    = 30

  settings = {
    EMITTER       = var.name
    SECRET_ARN    = var.secret_arn
    SLACK_API_URL = coalesce(var.api_url, "https://slack.com/api")
    SLACK_CHANNEL = var.channel_id == null ? "" : var.channel_id
    TABLE_NAME    = var.alert_responder.table_name
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
