output "function_arn" {
  description = "ARN of the function that refreshes the directory."
  value       = module.function.function_arn
}

output "role_arn" {
  description = "ARN of the function's role, which the organisation's delegation policy must allow to read."
  value       = module.function.role_arn
}
