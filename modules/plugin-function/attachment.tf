# Attaches the function of your own plug-in. Ready-made plug-ins attach themselves.

locals {
  # At most one is true.
  attached = { for kind in ["inspector", "reviewer", "emitter"] : kind => var.attachment != null && var.kind == kind }
}

module "inspector" {
  source = "../inspector"
  count  = local.attached.inspector ? 1 : 0

  alert_responder     = var.alert_responder
  name                = var.name
  function_arn        = aws_lambda_function.this.arn
  attribute_types     = var.attachment.attribute_types
  batch_size          = var.attachment.batch_size
  batch_types         = var.attachment.batch_types
  cache_empty_seconds = var.attachment.cache_empty_seconds
  cache_seconds       = var.attachment.cache_seconds
  contexts            = var.attachment.contexts
  detectors           = var.attachment.detectors
  enabled             = var.attachment.enabled
  external            = var.attachment.external
  max_per_day         = var.attachment.max_per_day
  max_per_minute      = var.attachment.max_per_minute
  per_account         = var.attachment.per_account
}

module "reviewer" {
  source = "../reviewer"
  count  = local.attached.reviewer ? 1 : 0

  alert_responder = var.alert_responder
  function_arn    = aws_lambda_function.this.arn
}

module "emitter" {
  source = "../emitter"
  count  = local.attached.emitter ? 1 : 0

  alert_responder = var.alert_responder
  name            = var.name
  function_arn    = aws_lambda_function.this.arn
  severities      = var.attachment.severities
  labels          = var.attachment.labels
  detectors       = var.attachment.detectors
  enabled         = var.attachment.enabled
}
