output "function_arn" {
  description = "ARN of the function. Available once the plug-in is attached."
  value       = module.inspector.function_arn
}

output "name" {
  description = "Name of the attached inspector. Available once the plug-in is attached."
  value       = module.inspector.name
}

output "needed_inspection_timeout_seconds" {
  description = "Minimum inspection_timeout_seconds of AlertResponder [s]. With less, lookups can time out while their queries are still running."
  value       = var.time_budget_seconds + 20
}

output "reader_policies_json" {
  description = "Policies that the roles in role_arns need, as JSON by account id."
  value = {
    for account in local.role_accounts : account => jsonencode({
      Version   = "2012-10-17"
      Statement = module.permissions[account].querying
    })
  }
}

output "role_arn" {
  description = "ARN of the function's role, which the roles in role_arns must trust."
  value       = module.function.role_arn
}
