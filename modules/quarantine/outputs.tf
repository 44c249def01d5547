output "deny_policy_arn" {
  description = "ARN of the policy that is attached to users and roles to cut them off."
  value       = aws_iam_policy.deny.arn
}

output "function_arn" {
  description = "ARN of the function. Whoever may call it may list, release, stop and start. Comes when it is attached."
  value       = module.attached.function_arn
}

output "name" {
  description = "Name of the attached emitter. Comes when it is attached."
  value       = module.attached.name
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = module.function.role_arn
}
