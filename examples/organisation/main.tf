# AlertResponder for an organisation: findings of all accounts, lookups in the account that
# each is about, and a quarantine that acts there once you allow it.

locals {
  organization_id = "o-a1b2c3d4e5"
  external_id     = "secops"
  member          = "alert-responder" # name of modules/member in all accounts

  # Administrators of GuardDuty and others, except this account. Their buses have the findings
  # of all accounts: forward these services from there only.
  delegated_administrators = ["222233334444"]

  # Roles of people who use alert-responder accounts.
  analysts = ["arn:aws:iam::111122223333:role/analyst"]
}

module "alert_responder" {
  source                 = "github.com/alert-responder/terraform-aws-alert-responder"
  name                   = "secops"
  verified_stream        = true
  administrator_accounts = local.delegated_administrators
}

module "organization" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/organization"
  alert_responder = module.alert_responder.interface
}

module "findings" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/eventbridge-source"
  alert_responder = module.alert_responder.interface
  sources         = ["guardduty"]
  central_bus     = { name = "secops-findings", organization_id = local.organization_id }
}

module "aws_context" {
  source           = "github.com/alert-responder/terraform-aws-alert-responder//modules/aws-context"
  alert_responder  = module.alert_responder.interface
  regions          = ["eu-west-1", "us-east-1"]
  member_role_name = "${local.member}-reader"
  external_id      = local.external_id
}

module "logs_insights" {
  source           = "github.com/alert-responder/terraform-aws-alert-responder//modules/logs-insights"
  alert_responder  = module.alert_responder.interface
  max_gb_per_day   = 100
  member_role_name = "${local.member}-reader"
  external_id      = local.external_id

  # An asterisk as account: the account of each alert.
  sources = {
    flows = { dialect = "vpcflow", log_groups = ["arn:aws:logs:eu-west-1:*:log-group:/aws/vpc/flow-logs"] }
  }
}

module "policy" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/policy"
  alert_responder = module.alert_responder.interface
  policy          = yamldecode(file("${path.module}/policy.yaml"))
}

module "quarantine" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/quarantine"
  alert_responder = module.alert_responder.interface
  dry_run         = true # only records what it would do
  target_kinds    = ["access_key", "instance", "principal"]
  members         = { name = local.member, external_id = local.external_id, organization_id = local.organization_id }
  protected_arns  = ["arn:aws:iam::444455556666:role/break-glass"]

  # An account under attack does not use up the actions of the others.
  max_actions_per_hour            = 6
  max_actions_per_hour_in_account = 2

  # The group with this name in the VPC of each instance, which must have no rule.
  isolation_security_group_name = "isolation"

  approval              = true
  approver_arn_patterns = ["arn:aws:sts::111122223333:assumed-role/incident-commander/*"]
}

# Parameters of the two stack sets, for the option --parameters of the AWS CLI.
output "member_parameters" {
  value = jsonencode([for key, value in {
    Name                   = local.member
    OrganizationId         = local.organization_id
    ExternalId             = local.external_id
    LogGroupArns           = "arn:aws:logs:eu-west-1:*:log-group:/aws/vpc/flow-logs:*"
    AllowAccessKey         = "true"
    AllowInstance          = "true"
    AllowPrincipal         = "true"
    ResponderPrincipalArns = join(",", module.quarantine.responder_principal_arns)
    ReaderPrincipalArns = join(",", concat(
      [module.aws_context.role_arn, module.logs_insights.role_arn],
      module.quarantine.reader_principal_arns,
      local.analysts,
    ))
  } : { ParameterKey = key, ParameterValue = value }])
}

output "forwarder_parameters" {
  value = jsonencode([for key, value in {
    CentralBusArn    = module.findings.central_bus_arn
    ForwardGuardduty = "true"
  } : { ParameterKey = key, ParameterValue = value }])
}
