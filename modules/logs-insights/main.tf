# The inspector that asks log groups with CloudWatch Logs Insights: its function, and its
# attachment.

locals {
  account_id = var.alert_responder.account_id
  partition  = var.alert_responder.partition

  # Accounts that are asked with a role; log groups of others are asked from the home account.
  role_arns     = [for arn in var.role_arns : arn if split(":", arn)[4] != local.account_id]
  role_accounts = [for arn in local.role_arns : split(":", arn)[4]]

  log_groups = distinct(concat(
    flatten([for source in values(var.sources) : source.log_groups]),
    flatten([for query in values(var.queries) : query.log_groups]),
  ))

  # By role's account, or home. The id of the home account may not be known in a plan.
  # An asterisk is the account of the alert. With a role by name, all other accounts are
  # asked with it.
  asked_from = {
    for account in concat(["home"], [for arn in var.role_arns : split(":", arn)[4]]) : account => sort([
      for arn in local.log_groups : replace(arn, ":*:", ":${local.account_id}:")
      if account == (
        contains(local.role_accounts, split(":", arn)[4]) || (var.member_role_name != null && !contains(["*", local.account_id], split(":", arn)[4]))
        ? split(":", arn)[4] : "home"
      )
    ])
  }

  # What sources are asked about, and what queries are.
  types_of_dialects = {
    cloudtrail       = ["accesskey", "arn", "email", "instance", "ipaddr", "username"]
    eks-audit        = ["accesskey", "arn", "email", "instance", "ipaddr", "username"]
    route53-resolver = ["domain", "instance", "ipaddr"]
    vpcflow          = ["ipaddr"]
  }
  types_of_columns = {
    address   = ["ipaddr"]
    domain    = ["domain"]
    instance  = ["instance"]
    key       = ["accesskey"]
    principal = ["arn"]
    target    = ["accesskey", "arn", "instance", "username"]
    user      = ["email", "instance", "username"]
  }
  attribute_types = var.attribute_types != null ? var.attribute_types : toset(concat(
    flatten([for source in values(var.sources) : lookup(local.types_of_dialects, source.dialect, [])]),
    flatten([for source in values(var.sources) : [for column in keys(source.columns) : lookup(local.types_of_columns, column, [])]]),
    flatten([for query in values(var.queries) : tolist(query.attribute_types)]),
  ))

  # Fields without a value are omitted: Lambda allows 4,096 bytes.
  source_settings = {
    for name, source in var.sources : name => merge(
      { dialect = source.dialect, log_groups = source.log_groups },
      length(source.columns) == 0 ? {} : { columns = source.columns },
      source.parse == null ? {} : { parse = source.parse },
    )
  }

  settings = merge(
    {
      ACCOUNT_ID          = local.account_id
      HOURS_AFTER         = tostring(var.hours_after)
      HOURS_BEFORE        = tostring(var.hours_before)
      MAX_DAYS            = tostring(var.max_days)
      MAX_GB_PER_DAY      = tostring(var.max_gb_per_day)
      MAX_GB_PER_QUERY    = tostring(var.max_gb_per_query)
      NAME                = var.name
      ROLE_ARNS           = jsonencode(local.role_arns)
      SESSION_NAME        = var.session_name
      SOURCES             = jsonencode(local.source_settings)
      TABLE_NAME          = var.alert_responder.table_name
      TIME_BUDGET_SECONDS = tostring(var.time_budget_seconds)
      USD_PER_GB          = tostring(var.usd_per_gb)
    },
    length(var.queries) == 0 ? {} : { QUERIES = jsonencode(var.queries) },
    var.external_id == null ? {} : { EXTERNAL_ID = var.external_id },
    var.member_role_name == null ? {} : {
      MEMBER_ACCOUNTS  = jsonencode(var.accounts)
      MEMBER_ROLE_NAME = var.member_role_name
      MEMBER_UNITS     = jsonencode(var.organizational_units)
      PARTITION        = local.partition
    },
    local.partition == "aws" ? {} : { CONSOLE = local.consoles[local.partition] },
  )
  consoles = {
    aws-cn     = "console.amazonaws.cn"
    aws-us-gov = "console.amazonaws-us-gov.com"
  }

  # The fewest queries of a call that asks everything.
  queries_of_call = length(var.sources) + length(var.queries)

  # The bytes of the day. No TransactWriteItems: IAM checks the operations within a
  # transaction.
  partition_key = "budget/${var.name}/*"
  counting = [{
    Sid       = "CountBytes"
    Effect    = "Allow"
    Action    = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    Resource  = [var.alert_responder.table_arn]
    Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = [local.partition_key] } }
  }]
}

# The function's role asks from its own account, the roles that it assumes from theirs.
module "permissions" {
  source   = "../permissions"
  for_each = local.asked_from

  account_id       = each.key == "home" ? local.account_id : each.key
  list_log_groups  = anytrue([for arn in each.value : endswith(arn, "*")])
  log_group_arns   = [for arn in each.value : "${arn}:*"]
  member_role_name = each.key == "home" ? var.member_role_name : null
  partition        = local.partition
  table_arn        = var.alert_responder.table_arn
}

module "function" {
  source = "../plugin-function"

  alert_responder = var.alert_responder
  name            = var.name
  kind            = "inspector"
  description     = "Asks log groups about attributes, for AlertResponder ${var.alert_responder.name}."
  handler         = "alert_responder_plugins.logs_insights.handler.handler"
  settings        = local.settings

  # The last calls may still take some time after the budget.
  timeout_seconds   = var.time_budget_seconds + 20
  written_partition = local.partition_key

  statements = concat(
    module.permissions["home"].querying,
    local.counting,
    length(local.role_arns) == 0 ? [] : [{
      Sid      = "AssumeRoles"
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = local.role_arns
    }],
    module.permissions["home"].reading_members,
  )
}

module "inspector" {
  source = "../inspector"

  alert_responder = var.alert_responder
  name            = var.name
  function_arn    = module.function.function_arn
  attribute_types = local.attribute_types
  batch_size      = 100
  cache_seconds   = var.cache_seconds
  contexts        = var.contexts
  detectors       = var.detectors
  enabled         = var.enabled
  max_per_minute  = var.max_per_minute

  # The same address, name or session exists in many accounts.
  per_account = var.member_role_name != null
}

# A warning: a lower limit of the day is safe, only the last sources are not asked.
check "max_gb_per_day" {
  assert {
    condition     = local.queries_of_call * var.max_gb_per_query <= var.max_gb_per_day
    error_message = "max_gb_per_day must be at least max_gb_per_query times the number of sources and queries (${local.queries_of_call}): the limit of each query is reserved before it starts. Otherwise the last of them are not asked in the same call."
  }
}
