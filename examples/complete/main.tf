# AlertResponder with an inspector, a reviewer and an emitter, encrypted with a key
# of one's own, on AWS. One apply makes everything.

provider "aws" {
  region = var.region
}

module "alert_responder" {
  source = "../.."

  name                = "secops"
  deletion_protection = var.deletion_protection
  kms_key             = { arn = aws_kms_key.alerts.arn }
}

module "whois" {
  source = "../../modules/inspector"

  alert_responder = module.alert_responder.interface
  name            = "whois"
  function_arn    = aws_lambda_function.plugins["whois"].arn
  attribute_types = ["domain", "ipaddr"]
  contexts        = ["remote"]
  cache_seconds   = 86400

  # The registries are third parties: they never receive internal or personal data.
  external = {}
}

module "policy" {
  source = "../../modules/reviewer"

  alert_responder = module.alert_responder.interface
  function_arn    = aws_lambda_function.plugins["policy"].arn
}

module "pager" {
  source = "../../modules/emitter"

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
