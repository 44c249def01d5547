output "function_arn" {
  description = "ARN of the function. Available once the reviewer is attached."
  value       = module.reviewer.function_arn
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = module.function.role_arn
}
