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

output "reader_policy_json" {
  description = "Policy that the role in role_arn needs, as JSON. Null without role_arn."
  value       = var.role_arn == null ? null : jsonencode({ Version = "2012-10-17", Statement = local.reading })
}

output "role_arns" {
  description = "ARNs of the functions' roles, to which Lake Formation must grant SELECT and DESCRIBE on tables without a location."
  value       = concat([module.function.role_arn], [for rollup in module.rollup : rollup.role_arn])
}

output "workgroup" {
  description = "Name of the workgroup in which the queries run."
  value       = local.workgroup
}
