# Ready-made plug-ins: those that use only this account, and those that call a service,
# which need its address.

# A custom reviewer replaces it; see custom.tf.
module "policy" {
  source = "../../modules/policy"
  count  = length(local.custom_by_kind["reviewer"]) == 0 ? 1 : 0

  alert_responder = module.alert_responder.interface
  policy          = yamldecode(file("${path.module}/../policy/policy.yaml"))
}

module "history" {
  source = "../../modules/history"
  count  = var.context_inspectors ? 1 : 0

  alert_responder = module.alert_responder.interface
}

module "aws_context" {
  source = "../../modules/aws-context"
  count  = var.context_inspectors ? 1 : 0

  alert_responder = module.alert_responder.interface
  attribute_types = ["accesskey", "instance"]
}

module "github" {
  source = "../../modules/github"
  count  = contains(keys(var.services), "github") ? 1 : 0

  alert_responder = module.alert_responder.interface
  base_url        = var.services["github"].url
  repository      = "example/incidents"
  secret_arn      = var.services["github"].secret_arn
}

module "pagerduty" {
  source = "../../modules/pagerduty"
  count  = contains(keys(var.services), "pagerduty") ? 1 : 0

  alert_responder = module.alert_responder.interface
  api_url         = var.services["pagerduty"].url
  secret_arn      = var.services["pagerduty"].secret_arn
}

module "slack" {
  source = "../../modules/slack"
  count  = contains(keys(var.services), "slack") ? 1 : 0

  alert_responder = module.alert_responder.interface
  api_url         = var.services["slack"].url
  channel_id      = "C0123456789"
  secret_arn      = var.services["slack"].secret_arn
}

# Contains access keys only after approval.
module "quarantine" {
  source = "../../modules/quarantine"
  count  = length(var.approver_arn_patterns) == 0 ? 0 : 1

  alert_responder       = module.alert_responder.interface
  target_kinds          = ["access_key"]
  approval              = true
  approver_arn_patterns = var.approver_arn_patterns
  dry_run               = false
}

module "virustotal" {
  source = "../../modules/virustotal"
  count  = contains(keys(var.services), "virustotal") ? 1 : 0

  alert_responder    = module.alert_responder.interface
  api_key_secret_arn = var.services["virustotal"].secret_arn
  api_url            = var.services["virustotal"].url
}
