# What plug-ins need to look into member accounts, or act there.

locals {
  using_members = [for name in var.member_role_name == null ? [] : [var.member_role_name] : {
    # Every account of the organisation; the function asks those of the directory.
    Sid      = "AssumeRolesOfMembers"
    Effect   = "Allow"
    Action   = ["sts:AssumeRole"]
    Resource = ["arn:${var.partition}:iam::*:role/${name}"]
    # A request without the key is decided by the role's own trust policy.
    Condition = { StringEqualsIfExists = { "aws:ResourceOrgID" = coalesce(var.member_organization_id, "$${aws:PrincipalOrgID}") } }
  }]

  reading_directory = [for name in var.member_role_name == null ? [] : [var.member_role_name] : {
    Sid       = "ReadDirectory"
    Effect    = "Allow"
    Action    = ["dynamodb:GetItem"]
    Resource  = [var.table_arn]
    Condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["organization"] } }
  }]
}
