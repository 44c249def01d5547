# The quarantine: an emitter that contains targets of a report, a separate function for
# the commands of people and of the schedule, and the policy that denies everything.

locals {
  iam = "arn:${var.alert_responder.partition}:iam::${var.alert_responder.account_id}"

  # Exact ARNs of names that Terraform sets: a prefix would protect any role that
  # somebody creates with a similar name.
  own_role_names = [module.function.role_name, module.commands.role_name]
  own_role_arns = concat(
    [for name in local.own_role_names : "${local.iam}:role/${name}"],
    [for key in ["coordinator", "receptor", "runner", "workflow"] : "${local.iam}:role/${var.alert_responder.name}-${key}-${var.alert_responder.region}"],
  )
  protected_arns       = sort(setunion(var.protected_arns, local.own_role_arns))
  protected_principals = [for arn in local.protected_arns : arn if startswith(arn, "${local.iam}:")]

  # No TransactWriteItems: IAM checks the operations within a transaction.
  journal = [{
    Sid    = "KeepJournal"
    Effect = "Allow"
    Action = [
      "dynamodb:ConditionCheckItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ]
    Resource  = [var.alert_responder.table_arn]
    Condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = [local.partition] } }
    }, {
    # For the installation's internal_networks, which are never blocked.
    Sid       = "ReadSettings"
    Effect    = "Allow"
    Action    = ["dynamodb:GetItem"]
    Resource  = [var.alert_responder.table_arn]
    Condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["config"] } }
  }]
  # For the exact ARNs of the functions of attached plug-ins, which are never stopped.
  reading_plug_ins = [for action in ["dynamodb:Query"] : {
    Sid       = "ReadPlugIns"
    Effect    = "Allow"
    Action    = [action]
    Resource  = [var.alert_responder.table_arn]
    Condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["plugin/commands", "plugin/emitter", "plugin/inspector", "plugin/reviewer"] } }
  } if contains(var.target_kinds, "function")]

  partition = "quarantine/${var.name}"

  # Composed, so that the statements with it are known before the policy exists.
  deny_policy_name = "${var.alert_responder.name}-${var.name}-deny-${var.alert_responder.region}"
  deny_policy_arn  = "${local.iam}:policy/${local.deny_policy_name}"

  command_function_name = split(":", module.commands.function_arn)[6]

  # Names of rules have at most 64 characters.
  full_rule_name = "${var.alert_responder.name}-${var.name}-tend"
  rule_name      = length(local.full_rule_name) <= 64 ? local.full_rule_name : "${substr(local.full_rule_name, 0, 55)}-${substr(sha256(local.full_rule_name), 0, 8)}"

  settings = {
    ACCOUNT_ID   = var.alert_responder.account_id
    PARTITION    = var.alert_responder.partition
    REGION       = var.alert_responder.region
    INSTALLATION = var.alert_responder.name
    PLUGIN_NAME  = var.name
    TABLE_NAME   = var.alert_responder.table_name

    ALLOW_UNVERIFIED_ACCOUNTS       = tostring(var.allow_unverified_accounts)
    APPROVAL                        = tostring(var.approval)
    APPROVAL_HOURS                  = tostring(var.approval_hours)
    DRY_RUN                         = tostring(var.dry_run)
    MAX_ACTIONS_PER_HOUR            = tostring(var.max_actions_per_hour)
    MAX_ACTIONS_PER_HOUR_IN_ACCOUNT = jsonencode(var.max_actions_per_hour_in_account)
    MAX_DEPTH                       = tostring(var.max_depth)
    REAPPLY                         = tostring(var.reapply)
    RELEASE_AFTER_HOURS             = jsonencode(var.release_after_hours)
    SNAPSHOTS                       = tostring(var.snapshots)

    APPROVERS            = jsonencode(sort(tolist(var.approver_arn_patterns)))
    CONTEXTS             = jsonencode(var.contexts)
    DENY_POLICY_ARN      = local.deny_policy_arn
    IP_SETS              = jsonencode(sort(tolist(var.ip_set_arns)))
    ISOLATION_GROUP_NAME = var.isolation_security_group_name == null ? "" : var.isolation_security_group_name
    ISOLATION_GROUPS     = jsonencode(var.isolation_security_group_ids)
    KINDS                = jsonencode(sort(tolist(var.target_kinds)))
    LABELS               = jsonencode(sort(tolist(var.labels)))
    MEMBERS              = jsonencode(var.members)
    OWN_ROLE_NAMES       = jsonencode(local.own_role_names)
    PROTECTED_ARNS       = jsonencode(local.protected_arns)
    PROTECTED_NETWORKS   = jsonencode(sort(tolist(var.protected_networks)))
    SEVERITIES           = jsonencode(sort(tolist(var.severities)))

    # Approvals are signed for the region's STS endpoint.
    AWS_STS_REGIONAL_ENDPOINTS = "regional"
  }

  # With members, only addresses are contained in this account. What was contained here
  # before is still released.
  home_kinds     = [for kind in var.target_kinds : kind if kind != "instance" || length(var.isolation_security_group_ids) > 0]
  contained_here = [for kind in local.home_kinds : kind if var.members == null || kind == "address"]

  # Rights to change that a release needs as well. It detaches policies by a right of its own.
  changed_here = [for kind in local.home_kinds : kind if var.members == null || kind != "principal"]

  looking_statements  = flatten([for kind, statements in module.permissions.looking : statements if contains(local.home_kinds, kind)])
  changing_statements = flatten([for kind, statements in module.permissions.changing : statements if contains(local.changed_here, kind) && !var.dry_run])
  undoing_statements  = flatten([for kind, statements in module.permissions.undoing : statements if contains(local.home_kinds, kind) && !var.dry_run])

  # What the attached function does itself.
  emitter_statements = concat(
    flatten([for kind, statements in module.permissions.looking : statements if contains(local.contained_here, kind)]),
    flatten([for kind, statements in module.permissions.changing : statements if contains(local.contained_here, kind) && !var.dry_run && !var.approval]),
  )

  # The responder acts, and the reader only looks.
  member_roles = {
    emitter  = var.dry_run || var.approval ? "reader" : "responder"
    commands = var.dry_run ? "reader" : "responder"
  }
}

module "permissions" {
  source = "../permissions"

  account_id               = var.alert_responder.account_id
  deny_policy_arn          = local.deny_policy_arn
  ip_set_arns              = sort(tolist(var.ip_set_arns))
  partition                = var.alert_responder.partition
  protected_principal_arns = local.protected_principals
  region                   = var.alert_responder.region
  snapshots                = var.snapshots && var.members == null
  vpc_ids                  = sort(keys(var.isolation_security_group_ids))
}

module "members" {
  source   = "../permissions"
  for_each = local.member_roles

  account_id             = var.alert_responder.account_id
  member_organization_id = var.members == null ? null : var.members.organization_id
  member_role_name       = var.members == null ? null : "${var.members.name}-${each.value}"
  partition              = var.alert_responder.partition
  table_arn              = var.alert_responder.table_arn
}

module "function" {
  source = "../plugin-function"

  alert_responder = var.alert_responder
  kind            = "emitter"
  name            = var.name
  description     = "Contains targets of reports."
  handler         = "alert_responder_plugins.quarantine.handler.handler"
  settings        = local.settings
  timeout_seconds = 60

  written_partition = local.partition

  # With approval, the function that accepts the approval acts.
  statements = concat(
    local.journal,
    local.reading_plug_ins,
    local.emitter_statements,
    module.members["emitter"].reading_members,
  )
}

# Accepts the commands of people and of the schedule. AlertResponder's runner may not
# call it.
module "commands" {
  source = "../plugin-function"

  alert_responder = var.alert_responder
  kind            = "commands"
  name            = var.name
  description     = "Accepts commands of people and of the schedule: approve, release, stop."
  handler         = "alert_responder_plugins.quarantine.handler.command"
  settings        = local.settings
  timeout_seconds = 60

  written_partition = local.partition

  statements = concat(
    local.journal,
    local.reading_plug_ins,
    local.looking_statements,
    local.changing_statements,
    local.undoing_statements,
    module.members["commands"].reading_members,
  )
}

# The command line finds the function by this item.
resource "aws_dynamodb_table_item" "commands" {
  table_name = var.alert_responder.table_name
  hash_key   = "pk"
  range_key  = "sk"

  item = jsonencode({
    pk      = { S = "plugin/commands" }
    sk      = { S = var.name }
    arn     = { S = module.commands.function_arn }
    version = { N = "1" }
  })
}

module "attached" {
  source = "../emitter"

  alert_responder = var.alert_responder
  name            = var.name
  function_arn    = module.function.function_arn
  detectors       = var.detectors
  labels          = var.labels
  enabled         = var.enabled
  severities      = var.severities
}

# Attached to contained users and roles. It applies to running sessions as well.
resource "aws_iam_policy" "deny" {
  name        = local.deny_policy_name
  description = "Attached to users and roles that the quarantine ${var.name} of AlertResponder ${var.alert_responder.name} contains."
  tags        = var.alert_responder.tags

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = module.permissions.denying
  })
}

resource "aws_cloudwatch_event_rule" "tend" {
  name                = local.rule_name
  description         = "Releases targets whose time is over, finishes interrupted actions, and checks that contained targets still are."
  schedule_expression = "rate(5 minutes)"
  tags                = var.alert_responder.tags
}

resource "aws_cloudwatch_event_target" "tend" {
  rule  = aws_cloudwatch_event_rule.tend.name
  arn   = module.commands.function_arn
  input = jsonencode({ action = "release_due" })

  # The next event replaces it.
  retry_policy {
    maximum_event_age_in_seconds = 300
    maximum_retry_attempts       = 0
  }

  depends_on = [aws_lambda_permission.tend]
}

resource "aws_lambda_permission" "tend" {
  statement_id  = "tend"
  action        = "lambda:InvokeFunction"
  function_name = local.command_function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.tend.arn
}
