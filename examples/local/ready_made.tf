# Ready-made plug-ins: two inspectors that need nothing but this account, and three
# notifiers, which have to be told where they find whom they notify.

resource "aws_lambda_layer_version" "notifiers" {
  for_each = var.notifiers

  layer_name       = "${var.name}-${each.key}"
  filename         = each.value.layer
  source_code_hash = filebase64sha256(each.value.layer)
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
  attribute_types = ["instance"]
}

module "github" {
  source = "../../modules/github"
  count  = contains(keys(var.notifiers), "github") ? 1 : 0

  alert_responder = module.alert_responder.interface
  base_url        = var.notifiers["github"].url
  layer_arn       = aws_lambda_layer_version.notifiers["github"].arn
  repository      = "example/incidents"
  secret_arn      = var.notifiers["github"].secret_arn
}

module "pagerduty" {
  source = "../../modules/pagerduty"
  count  = contains(keys(var.notifiers), "pagerduty") ? 1 : 0

  alert_responder = module.alert_responder.interface
  api_url         = var.notifiers["pagerduty"].url
  layer_arn       = aws_lambda_layer_version.notifiers["pagerduty"].arn
  secret_arn      = var.notifiers["pagerduty"].secret_arn
}

module "slack" {
  source = "../../modules/slack"
  count  = contains(keys(var.notifiers), "slack") ? 1 : 0

  alert_responder = module.alert_responder.interface
  api_url         = var.notifiers["slack"].url
  channel         = "C0123456789"
  layer_arn       = aws_lambda_layer_version.notifiers["slack"].arn
  secret_arn      = var.notifiers["slack"].secret_arn
}
