output "function_arn" {
  description = "ARN of the function. Comes when it is attached."
  value       = module.inspector.function_arn
}

output "name" {
  description = "Name of the attached inspector. Comes when it is attached."
  value       = module.inspector.name
}

output "reader_policies_json" {
  description = "IAM policies, as JSON, by account id, for the roles of role_arns: what each of them has to allow, and no more."
  value = {
    for account in keys(local.roles) :
    account => jsonencode({ Version = "2012-10-17", Statement = local.reading[account] })
  }
}

output "role_arn" {
  description = "ARN of the function's role, which the trust policies of the roles in other accounts have to name."
  value       = module.function.role_arn
}
