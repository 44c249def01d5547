# The inspector that returns AWS's own information about an address, an instance or an
# identity: its function, and its attachment.

locals {
  account_id = var.alert_responder.account_id
  partition  = var.alert_responder.partition
  regions    = var.regions == null ? [var.alert_responder.region] : var.regions

  # In the order in which they are searched, and by account.
  role_arns = [for arn in var.role_arns : arn if split(":", arn)[4] != local.account_id]
  roles     = { for arn in local.role_arns : split(":", arn)[4] => arn }
}

# The function's role reads its own account, the roles that it assumes read theirs.
module "permissions" {
  source = "../permissions"

  account_id         = local.account_id
  activity           = var.activity_hours > 0
  member_role_name   = var.member_role_name
  partition          = local.partition
  reader_account_ids = keys(local.roles)
  table_arn          = var.alert_responder.table_arn
}

module "function" {
  source = "../plugin-function"

  alert_responder = var.alert_responder
  name            = var.name
  kind            = "inspector"
  description     = "Looks up addresses, instances and identities in AWS, for AlertResponder ${var.alert_responder.name}."
  handler         = "alert_responder_plugins.aws_context.handler.handler"

  # The last call may still take some time after the budget.
  timeout_seconds = var.time_budget_seconds + 25

  settings = merge(
    {
      ACCOUNT_ID          = local.account_id
      ACTIVITY_HOURS      = tostring(var.activity_hours)
      OWNER_TAGS          = jsonencode(var.owner_tags)
      PARTITION           = local.partition
      PURPOSE_TAGS        = jsonencode(var.purpose_tags)
      REGIONS             = jsonencode(local.regions)
      ROLE_ARNS           = jsonencode(local.role_arns)
      SESSION_NAME        = var.session_name
      TABLE_NAME          = var.alert_responder.table_name
      TIME_BUDGET_SECONDS = tostring(var.time_budget_seconds)
    },
    var.external_id == null ? {} : { EXTERNAL_ID = var.external_id },
    var.member_role_name == null ? {} : {
      MEMBER_ACCOUNTS  = jsonencode(var.accounts)
      MEMBER_ROLE_NAME = var.member_role_name
      MEMBER_UNITS     = jsonencode(var.organizational_units)
    },
  )

  statements = concat(
    module.permissions.reading[local.account_id],
    [{
      # Returns the account of a key. It supports no resources.
      Sid      = "FindAccountOfKey"
      Effect   = "Allow"
      Action   = ["sts:GetAccessKeyInfo"]
      Resource = ["*"]
    }],
    length(local.role_arns) == 0 ? [] : [{
      Sid      = "AssumeRoles"
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = local.role_arns
    }],
    module.permissions.reading_members,
  )
}

module "inspector" {
  source = "../inspector"

  alert_responder = var.alert_responder
  name            = var.name
  function_arn    = module.function.function_arn
  attribute_types = var.attribute_types
  contexts        = var.contexts
  detectors       = var.detectors
  cache_seconds   = var.cache_seconds
  enabled         = var.enabled
  max_per_minute  = var.max_per_minute

  # The same address, name or session exists in many accounts.
  per_account = var.member_role_name != null
}
