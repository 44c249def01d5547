# What inspectors read: aws-context in the account of its function and in others, and
# queries of log groups.

locals {
  reading = {
    for account in concat([var.account_id], var.reader_account_ids) : account => [
      {
        # These list actions support no resources.
        Sid    = "ListHostsAndEvents"
        Effect = "Allow"
        Action = concat(
          var.activity ? ["cloudtrail:LookupEvents"] : [],
          [
            "ec2:DescribeImages",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTags",
          ],
        )
        Resource = ["*"]
      },
      {
        Sid    = "ReadUsers"
        Effect = "Allow"
        Action = [
          "iam:GetAccessKeyLastUsed",
          "iam:GetLoginProfile",
          "iam:GetUser",
          "iam:GetUserPolicy",
          "iam:ListAccessKeys",
          "iam:ListAttachedUserPolicies",
          "iam:ListGroupsForUser",
          "iam:ListMFADevices",
          "iam:ListUserPolicies",
        ]
        Resource = ["arn:${var.partition}:iam::${account}:user/*"]
      },
      {
        Sid    = "ReadGroups"
        Effect = "Allow"
        Action = [
          "iam:GetGroupPolicy",
          "iam:ListAttachedGroupPolicies",
          "iam:ListGroupPolicies",
        ]
        Resource = ["arn:${var.partition}:iam::${account}:group/*"]
      },
      {
        Sid    = "ReadRoles"
        Effect = "Allow"
        Action = [
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:ListRolePolicies",
        ]
        Resource = ["arn:${var.partition}:iam::${account}:role/*"]
      },
      {
        Sid      = "ReadInstanceProfiles"
        Effect   = "Allow"
        Action   = ["iam:GetInstanceProfile"]
        Resource = ["arn:${var.partition}:iam::${account}:instance-profile/*"]
      },
      {
        # The account's own policies, and those that AWS manages.
        Sid    = "ReadPolicies"
        Effect = "Allow"
        Action = ["iam:GetPolicy", "iam:GetPolicyVersion"]
        Resource = [
          "arn:${var.partition}:iam::${account}:policy/*",
          "arn:${var.partition}:iam::aws:policy/*",
        ]
      },
    ]
  }

  querying = concat(
    [for arns in [var.log_group_arns] : {
      Sid      = "StartQueries"
      Effect   = "Allow"
      Action   = ["logs:StartQuery"]
      Resource = arns
    } if length(arns) > 0],
    [for arns in [var.log_group_arns] : {
      # These actions support no resources.
      Sid      = "FollowQueries"
      Effect   = "Allow"
      Action   = concat(var.list_log_groups ? ["logs:DescribeLogGroups"] : [], ["logs:GetQueryResults", "logs:StopQuery"])
      Resource = ["*"]
    } if length(arns) > 0],
  )
}
