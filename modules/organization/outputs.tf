output "function_arn" {
  description = "ARN of the function that refreshes the directory."
  value       = module.function.function_arn
}

output "role_arn" {
  description = "ARN of the function's role, which reads AWS Organizations."
  value       = module.function.role_arn
}
