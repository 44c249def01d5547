# What AlertResponder may do in a member account: a role that reads, a role that
# contains and releases, the policy that is attached to contained users and roles, and a
# boundary of both roles.

data "aws_partition" "current" {}

locals {
  # Changed when the home account needs more than earlier versions of this module grant.
  layout_version = "1"

  iam = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}"

  # Composed, so that statements with them are known before they exist.
  reader_arn    = "${local.iam}:role/${var.name}-reader"
  responder_arn = "${local.iam}:role/${var.name}-responder"
  boundary_arn  = "${local.iam}:policy/${var.name}-boundary"
  deny_arn      = "${local.iam}:policy/${var.name}-quarantined"

  own_role_arns = [local.reader_arn, local.responder_arn]

  # The number of ARNs is known before the ARNs are.
  trusted = {
    for role, arns in { reader = var.reader_principal_arns, responder = var.responder_principal_arns } :
    role => arns if length(arns) > 0
  }

  descriptions = {
    reader    = "Lets AlertResponder read about hosts and identities."
    responder = "Lets AlertResponder contain and release the kinds of targets in its tag alert-responder:actions."
  }

  # Addresses are only blocked in the home account.
  looking = { for kind, statements in module.permissions.looking : kind => statements if kind != "address" }
  acting = {
    for kind in setsubtract(keys(module.permissions.changing), ["address"]) :
    kind => concat(module.permissions.changing[kind], module.permissions.undoing[kind]) if contains(var.actions, kind)
  }

  own_tags = [{
    # They show the version of these roles, and the allowed actions.
    Sid      = "ReadOwnTags"
    Effect   = "Allow"
    Action   = ["iam:GetRole", "iam:ListRoleTags"]
    Resource = local.own_role_arns
  }]

  # The statements of each role, one policy for each option.
  granted = {
    reader = merge(
      {
        look = concat(flatten(values(local.looking)), local.own_tags)
        read = module.permissions.reading[var.account_id]
      },
      { for name, statements in { query = module.permissions.querying } : name => statements if length(statements) > 0 },
    )
    responder = merge(
      { look = concat(flatten(values(local.looking)), local.own_tags) },
      local.acting,
    )
  }
  policies = merge([
    for role in keys(local.trusted) : {
      for name, statements in local.granted[role] : "${role}/${name}" => {
        role       = role
        name       = replace(name, "_", "-")
        statements = statements
      }
    }
  ]...)

  # Everything that both roles read or look at.
  read_actions = sort(distinct(flatten([
    for statement in concat(local.granted.reader.look, local.granted.reader.read) : statement.Action
  ])))
}

module "permissions" {
  source = "../permissions"

  account_id               = var.account_id
  deny_policy_arn          = local.deny_arn
  log_group_arns           = var.log_group_arns
  partition                = data.aws_partition.current.partition
  protected_principal_arns = local.own_role_arns
}

resource "aws_iam_role" "this" {
  for_each = local.trusted

  name                 = "${var.name}-${each.key}"
  description          = local.descriptions[each.key]
  permissions_boundary = local.boundary_arn

  tags = merge(var.tags, {
    "alert-responder:actions" = join(" ", sort(tolist(var.actions)))
    "alert-responder:member"  = local.layout_version
  })

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = each.value }
      Condition = {
        StringEquals = {
          "aws:PrincipalOrgID" = var.organization_id
          "sts:ExternalId"     = var.external_id
        }
      }
    }]
  })

  depends_on = [aws_iam_policy.boundary]

  lifecycle {
    postcondition {
      condition     = split(":", self.arn)[4] == var.account_id
      error_message = "The provider is of account ${split(":", self.arn)[4]}, and account_id is ${var.account_id}."
    }
  }
}

resource "aws_iam_role_policy" "this" {
  for_each = local.policies

  name = each.value.name
  role = aws_iam_role.this[each.value.role].name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = each.value.statements
  })
}

# The most that either role can do, whatever else is attached to it later.
# A changed description would replace the policy, which CloudFormation cannot do by name.
resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-boundary"
  description = "The most that AlertResponder's roles in this account can do."
  tags        = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "Look"
        Effect   = "Allow"
        Action   = local.read_actions
        Resource = ["*"]
      }],
      module.permissions.querying,
      flatten(values(local.acting)),
      [{
        Sid    = "NeverChangeOwnRoles"
        Effect = "Deny"
        Action = [
          "iam:AttachRolePolicy",
          "iam:DeleteRole",
          "iam:DeleteRolePermissionsBoundary",
          "iam:DeleteRolePolicy",
          "iam:DetachRolePolicy",
          "iam:PutRolePermissionsBoundary",
          "iam:PutRolePolicy",
          "iam:TagRole",
          "iam:UntagRole",
          "iam:UpdateAssumeRolePolicy",
          "iam:UpdateRole",
        ]
        Resource = local.own_role_arns
        }, {
        Sid    = "NeverChangeOwnPolicies"
        Effect = "Deny"
        Action = [
          "iam:CreatePolicyVersion",
          "iam:DeletePolicy",
          "iam:DeletePolicyVersion",
          "iam:SetDefaultPolicyVersion",
        ]
        Resource = [local.boundary_arn, local.deny_arn]
      }],
    )
  })
}

# Attached to contained users and roles. It applies to running sessions as well.
resource "aws_iam_policy" "quarantined" {
  count = contains(var.actions, "principal") ? 1 : 0

  name        = "${var.name}-quarantined"
  description = "Attached to users and roles that AlertResponder contains."
  tags        = var.tags

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = module.permissions.denying
  })
}
