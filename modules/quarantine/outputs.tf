output "alarm_names" {
  description = "Names of the alarms, sorted. Set alarm_actions to be notified of them."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.alarms : alarm.alarm_name])
}

output "commands_function_arn" {
  description = "ARN of the function that accepts commands. A principal that may call it may list, release, stop and start. Available once the command line can find it."
  value       = module.commands.function_arn

  depends_on = [aws_dynamodb_table_item.commands]
}

output "deny_policy_arn" {
  description = "ARN of the policy that is attached to contained users and roles."
  value       = aws_iam_policy.deny.arn
}

output "function_arn" {
  description = "ARN of the attached function, which contains targets and accepts no commands. Available once the plug-in is attached."
  value       = module.attached.function_arn
}

output "name" {
  description = "Name of the attached emitter. Available once the plug-in is attached."
  value       = module.attached.name
}

output "reader_principal_arns" {
  description = "ARNs of the roles that need the reader of modules/member: those of both functions."
  value       = [module.function.role_arn, module.commands.role_arn]
}

output "responder_principal_arns" {
  description = "ARNs of the roles that need the responder of modules/member: those of both functions, or with approval, only that of the function that accepts commands."
  value       = concat(var.approval ? [] : [module.function.role_arn], [module.commands.role_arn])
}

output "role_arn" {
  description = "ARN of the attached function's role."
  value       = module.function.role_arn
}
