output "function_arn" {
  description = "ARN of the emitter's function. Available once the plug-in is attached."
  value       = module.emitter.function_arn
}

output "name" {
  description = "Name of the attached emitter. Available once the plug-in is attached."
  value       = module.emitter.name
}

output "role_name" {
  description = "Name of the function's role."
  value       = module.function.role_name
}
