output "function_arn" {
  description = "ARN of the function. Available once the plug-in is attached."
  value       = module.inspector.function_arn
}

output "name" {
  description = "Name of the attached inspector. Available once the plug-in is attached."
  value       = module.inspector.name
}

output "reader_policies_json" {
  description = "IAM policies for the roles in role_arns, as JSON by account id. They grant the minimum that each role must allow."
  value = {
    for account in keys(local.roles) :
    account => jsonencode({ Version = "2012-10-17", Statement = module.permissions.reading[account] })
  }
}

output "role_arn" {
  description = "ARN of the function's role, for the trust policies of the roles in other accounts."
  value       = module.function.role_arn
}
