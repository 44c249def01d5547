# AlertResponder with an inspector, a reviewer and an emitter, encrypted with your own
# KMS key. One apply creates everything.

provider "aws" {
  region = var.region
}

module "alert_responder" {
  source = "github.com/alert-responder/terraform-aws-alert-responder"

  name                = "secops"
  deletion_protection = var.deletion_protection
  kms_key             = { arn = aws_kms_key.alerts.arn }
}

module "whois" {
  source = "github.com/alert-responder/terraform-aws-alert-responder//modules/inspector"

  alert_responder = module.alert_responder.interface
  name            = "whois"
  function_arn    = aws_lambda_function.plugins["whois"].arn
  attribute_types = ["domain", "ipaddr"]
  contexts        = ["remote"]
  cache_seconds   = 86400

  # The registries are third parties: they receive no internal or personal data.
  external = {}
}

module "policy" {
  source = "github.com/alert-responder/terraform-aws-alert-responder//modules/reviewer"

  alert_responder = module.alert_responder.interface
  function_arn    = aws_lambda_function.plugins["policy"].arn
}

module "pager" {
  source = "github.com/alert-responder/terraform-aws-alert-responder//modules/emitter"

  alert_responder = module.alert_responder.interface
  name            = "pager"
  function_arn    = aws_lambda_function.plugins["pager"].arn
  severities      = ["urgent"]
}

resource "aws_kms_key" "alerts" {
  description         = "Alerts and reports of AlertResponder."
  enable_key_rotation = true
  policy              = module.alert_responder.kms_key_policy_json
}
