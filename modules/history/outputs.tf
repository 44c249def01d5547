output "function_arn" {
  description = "ARN of the function. Available once the plug-in is attached."
  value       = module.inspector.function_arn
}

output "name" {
  description = "Name of the attached inspector. Available once the plug-in is attached."
  value       = module.inspector.name
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = module.function.role_arn
}
