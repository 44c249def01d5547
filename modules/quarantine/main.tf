# The quarantine: an emitter that contains what a report names, the schedule that
# releases it, and the policy it denies with.

locals {
  iam = "arn:${var.alert_responder.partition}:iam::${var.alert_responder.account_id}"
  ec2 = "arn:${var.alert_responder.partition}:ec2:${var.alert_responder.region}:${var.alert_responder.account_id}"

  vpc_arns  = [for vpc in sort(keys(var.isolation_security_group_ids)) : "${local.ec2}:vpc/${vpc}"]
  user_arns = ["${local.iam}:user/*"]
  role_arns = ["${local.iam}:role/*"]

  # Every kind has to be looked at, also where nothing is done yet. Lists differ in
  # what their statements have, so that they stay tuples until the end.
  looking = {
    access_key = [{
      Sid      = "LookAtAccessKeys"
      Effect   = "Allow"
      Action   = ["iam:GetAccessKeyLastUsed", "iam:GetUser", "iam:ListAccessKeys"]
      Resource = local.user_arns
    }]
    address = [{
      Sid      = "LookAtIpSets"
      Effect   = "Allow"
      Action   = ["wafv2:GetIPSet"]
      Resource = sort(tolist(var.ip_set_arns))
    }]
    instance = [{
      Sid    = "LookAtInstances"
      Effect = "Allow"
      Action = [
        "ec2:DescribeInstances",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSnapshots",
      ]
      # AWS takes nothing else for these.
      Resource = ["*"]
    }]
    principal = [{
      Sid      = "LookAtPrincipals"
      Effect   = "Allow"
      Action   = ["iam:GetRole", "iam:GetUser", "iam:ListAttachedRolePolicies", "iam:ListAttachedUserPolicies"]
      Resource = concat(local.role_arns, local.user_arns)
    }]
  }

  changing = {
    access_key = [{
      Sid      = "ChangeAccessKeys"
      Effect   = "Allow"
      Action   = ["iam:UpdateAccessKey"]
      Resource = local.user_arns
    }]
    address = [{
      Sid      = "ChangeIpSets"
      Effect   = "Allow"
      Action   = ["wafv2:UpdateIPSet"]
      Resource = sort(tolist(var.ip_set_arns))
    }]
    instance = concat(
      [{
        # Undoing needs groups that nobody knows beforehand, so that the VPCs are the limit.
        Sid       = "ChangeInterfaces"
        Effect    = "Allow"
        Action    = ["ec2:ModifyNetworkInterfaceAttribute"]
        Resource  = ["${local.ec2}:network-interface/*", "${local.ec2}:security-group/*"]
        Condition = { ArnEquals = { "ec2:Vpc" = local.vpc_arns } }
      }],
      [for action in ["ec2:CreateSnapshots"] : {
        Sid    = "MakeSnapshots"
        Effect = "Allow"
        Action = [action]
        Resource = [
          "${local.ec2}:instance/*",
          "${local.ec2}:volume/*",
          # Snapshots' ARNs have no account.
          "arn:${var.alert_responder.partition}:ec2:${var.alert_responder.region}::snapshot/*",
        ]
      } if var.snapshots],
      [for action in ["ec2:CreateTags"] : {
        Sid       = "TagSnapshotsAsTheyAreMade"
        Effect    = "Allow"
        Action    = [action]
        Resource  = ["arn:${var.alert_responder.partition}:ec2:${var.alert_responder.region}::snapshot/*"]
        Condition = { StringEquals = { "ec2:CreateAction" = "CreateSnapshots" } }
      } if var.snapshots],
    )
    principal = concat(
      [{
        # One policy and no other: a role that could write policies could give itself every right.
        Sid    = "DenyPrincipals"
        Effect = "Allow"
        Action = [
          "iam:AttachRolePolicy",
          "iam:AttachUserPolicy",
          "iam:DetachRolePolicy",
          "iam:DetachUserPolicy",
        ]
        Resource  = concat(local.role_arns, local.user_arns)
        Condition = { ArnEquals = { "iam:PolicyARN" = local.deny_policy_arn } }
      }],
      [{
        Sid      = "NeverAlertResponder"
        Effect   = "Deny"
        Action   = ["iam:AttachRolePolicy"]
        Resource = ["${local.iam}:role/${var.alert_responder.name}-*"]
      }],
      [for key in sort(keys(var.protected_tags)) : {
        Sid       = "NeverProtected${index(sort(keys(var.protected_tags)), key)}"
        Effect    = "Deny"
        Action    = ["iam:AttachRolePolicy", "iam:AttachUserPolicy"]
        Resource  = concat(local.role_arns, local.user_arns)
        Condition = { StringLike = { "aws:ResourceTag/${key}" = var.protected_tags[key] } }
      }],
    )
  }

  # No TransactWriteItems: what a transaction does is what has to be allowed.
  journal = [{
    Sid    = "KeepJournal"
    Effect = "Allow"
    Action = [
      "dynamodb:ConditionCheckItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
    ]
    Resource  = [var.alert_responder.table_arn]
    Condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["quarantine/${var.name}"] } }
    }, {
    # The installation's internal_networks, which are never blocked.
    Sid       = "ReadSettings"
    Effect    = "Allow"
    Action    = ["dynamodb:GetItem"]
    Resource  = [var.alert_responder.table_arn]
    Condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["config"] } }
  }]

  # Composed: known before it is made, and so is what the function may do with it.
  deny_policy_name = "${var.alert_responder.name}-${var.name}-deny-${var.alert_responder.region}"
  deny_policy_arn  = "${local.iam}:policy/${local.deny_policy_name}"

  function_name = split(":", module.function.function_arn)[6]
}

module "function" {
  source = "../plugin-function"

  alert_responder = var.alert_responder
  kind            = "emitter"
  name            = var.name
  description     = "Contains what a report names, and undoes it."
  handler         = "alert_responder_plugins.quarantine.handler.handler"
  timeout_seconds = 60

  settings = {
    ACCOUNT_ID   = var.alert_responder.account_id
    PARTITION    = var.alert_responder.partition
    REGION       = var.alert_responder.region
    INSTALLATION = var.alert_responder.name
    PLUGIN_NAME  = var.name
    TABLE_NAME   = var.alert_responder.table_name

    APPROVAL             = tostring(var.approval)
    APPROVAL_HOURS       = tostring(var.approval_hours)
    DRY_RUN              = tostring(var.dry_run)
    MAX_ACTIONS_PER_HOUR = tostring(var.max_actions_per_hour)
    MAX_DEPTH            = tostring(var.max_depth)
    RELEASE_AFTER_HOURS  = jsonencode(var.release_after_hours)
    SNAPSHOTS            = tostring(var.snapshots)

    APPROVERS          = jsonencode(sort(tolist(var.approver_arns)))
    CONTEXTS           = jsonencode(var.contexts)
    DENY_POLICY_ARN    = local.deny_policy_arn
    IP_SETS            = jsonencode(sort(tolist(var.ip_set_arns)))
    ISOLATION_GROUPS   = jsonencode(var.isolation_security_group_ids)
    KINDS              = jsonencode(sort(tolist(var.actions)))
    PROTECTED_NAMES    = jsonencode(sort(tolist(var.protected_names)))
    PROTECTED_NETWORKS = jsonencode(sort(tolist(var.protected_networks)))
    PROTECTED_TAGS     = jsonencode(var.protected_tags)
    SEVERITIES         = jsonencode(sort(tolist(var.severities)))

    # Approvals are signed for the region's own STS.
    AWS_STS_REGIONAL_ENDPOINTS = "regional"
  }

  statements = concat(
    local.journal,
    flatten([for kind, statements in local.looking : statements if contains(var.actions, kind)]),
    flatten([for kind, statements in local.changing : statements if contains(var.actions, kind) && !var.dry_run]),
  )
}

module "attached" {
  source = "../emitter"

  alert_responder = var.alert_responder
  name            = var.name
  function_arn    = module.function.function_arn
  detectors       = var.detectors
  enabled         = var.enabled
  severities      = var.severities
}

# What is attached to cut a user or a role off. Running sessions are cut as well.
resource "aws_iam_policy" "deny" {
  name        = local.deny_policy_name
  description = "Attached by the quarantine ${var.name} of AlertResponder ${var.alert_responder.name} to what it contains."
  tags        = var.alert_responder.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Quarantined"
      Effect   = "Deny"
      Action   = "*"
      Resource = "*"
    }]
  })
}

resource "aws_cloudwatch_event_rule" "tend" {
  name                = "${var.alert_responder.name}-${var.name}-tend"
  description         = "Releases what its time is over for, and finishes what a call that died has begun."
  schedule_expression = "rate(5 minutes)"
  tags                = var.alert_responder.tags
}

resource "aws_cloudwatch_event_target" "tend" {
  rule  = aws_cloudwatch_event_rule.tend.name
  arn   = module.function.function_arn
  input = jsonencode({ action = "release_due" })

  # The next one comes anyway.
  retry_policy {
    maximum_event_age_in_seconds = 300
    maximum_retry_attempts       = 0
  }

  depends_on = [aws_lambda_permission.tend]
}

resource "aws_lambda_permission" "tend" {
  statement_id  = "tend"
  action        = "lambda:InvokeFunction"
  function_name = local.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.tend.arn
}
