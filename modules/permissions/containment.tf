# What the quarantine needs, by kind of target. The lists stay tuples, because their
# statements have different attributes.

locals {
  iam = "arn:${var.partition}:iam::${var.account_id}"
  ec2 = "arn:${var.partition}:ec2:${var.region}:${var.account_id}"

  # ARNs of snapshots contain no account.
  snapshot_arns = ["arn:${var.partition}:ec2:${var.region}::snapshot/*"]

  bucket_arns   = ["arn:${var.partition}:s3:::*"]
  function_arns = ["arn:${var.partition}:lambda:${var.region}:${var.account_id}:function:*"]

  user_arns = ["${local.iam}:user/*"]
  role_arns = ["${local.iam}:role/*"]

  # Rights to inspect targets, which a dry run needs as well.
  looking = {
    access_key = [{
      Sid      = "LookAtAccessKeys"
      Effect   = "Allow"
      Action   = ["iam:GetAccessKeyLastUsed", "iam:GetUser", "iam:ListAccessKeys"]
      Resource = local.user_arns
    }]
    address = [for arns in [var.ip_set_arns] : {
      Sid      = "LookAtIpSets"
      Effect   = "Allow"
      Action   = ["wafv2:GetIPSet"]
      Resource = arns
    } if length(arns) > 0]
    bucket = [{
      Sid      = "LookAtBuckets"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:GetBucketPublicAccessBlock"]
      Resource = local.bucket_arns
      # S3's ARNs contain no account.
      Condition = { StringEquals = { "s3:ResourceAccount" = var.account_id } }
    }]
    function = [{
      Sid      = "LookAtFunctions"
      Effect   = "Allow"
      Action   = ["lambda:GetFunctionConcurrency"]
      Resource = local.function_arns
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
      # These actions support no resources.
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
    address = [for arns in [var.ip_set_arns] : {
      Sid      = "ChangeIpSets"
      Effect   = "Allow"
      Action   = ["wafv2:UpdateIPSet"]
      Resource = arns
    } if length(arns) > 0]
    bucket = [{
      Sid    = "ChangeBuckets"
      Effect = "Allow"
      # It allows to delete the block as well.
      Action    = ["s3:PutBucketPublicAccessBlock"]
      Resource  = local.bucket_arns
      Condition = { StringEquals = { "s3:ResourceAccount" = var.account_id } }
    }]
    function = [{
      Sid      = "ChangeFunctions"
      Effect   = "Allow"
      Action   = ["lambda:PutFunctionConcurrency"]
      Resource = local.function_arns
    }]
    instance = concat(
      [merge(
        {
          # A release restores security groups that are not known in advance, so that the
          # VPCs are the limit.
          Sid      = "ChangeInterfaces"
          Effect   = "Allow"
          Action   = ["ec2:ModifyNetworkInterfaceAttribute"]
          Resource = ["${local.ec2}:network-interface/*", "${local.ec2}:security-group/*"]
        },
        var.vpc_ids == null ? {} : {
          Condition = { ArnEquals = { "ec2:Vpc" = [for vpc in coalesce(var.vpc_ids, []) : "${local.ec2}:vpc/${vpc}"] } }
        },
      )],
      [for action in ["ec2:CreateSnapshots"] : {
        Sid      = "MakeSnapshots"
        Effect   = "Allow"
        Action   = [action]
        Resource = concat(["${local.ec2}:instance/*", "${local.ec2}:volume/*"], local.snapshot_arns)
      } if var.snapshots],
      [for action in ["ec2:CreateTags"] : {
        Sid       = "TagSnapshotsAsTheyAreMade"
        Effect    = "Allow"
        Action    = [action]
        Resource  = local.snapshot_arns
        Condition = { StringEquals = { "ec2:CreateAction" = "CreateSnapshots" } }
      } if var.snapshots],
    )
    principal = [{
      # Only this policy: a role that could write policies could grant itself any right.
      Sid       = "DenyPrincipals"
      Effect    = "Allow"
      Action    = ["iam:AttachRolePolicy", "iam:AttachUserPolicy"]
      Resource  = concat(local.role_arns, local.user_arns)
      Condition = { ArnEquals = { "iam:PolicyARN" = var.deny_policy_arn } }
      }, {
      # Detaching is never denied.
      Sid      = "NeverProtected"
      Effect   = "Deny"
      Action   = ["iam:AttachRolePolicy", "iam:AttachUserPolicy"]
      Resource = var.protected_principal_arns
    }]
  }

  # Rights to release, which the emitter does not need: a person or the schedule releases.
  undoing = {
    access_key = []
    address    = []
    bucket     = []
    function = [{
      Sid      = "UndoStoppingFunctions"
      Effect   = "Allow"
      Action   = ["lambda:DeleteFunctionConcurrency"]
      Resource = local.function_arns
    }]
    instance = []
    principal = [{
      Sid       = "UndoDenying"
      Effect    = "Allow"
      Action    = ["iam:DetachRolePolicy", "iam:DetachUserPolicy"]
      Resource  = concat(local.role_arns, local.user_arns)
      Condition = { ArnEquals = { "iam:PolicyARN" = var.deny_policy_arn } }
    }]
  }

  denying = [{
    Sid      = "Quarantined"
    Effect   = "Deny"
    Action   = "*"
    Resource = "*"
  }]
}
