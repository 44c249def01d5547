output "function_arn" {
  description = "ARN of the attached function. Available once the plug-in is attached."
  value       = var.function_arn

  depends_on = [aws_dynamodb_table_item.this]
}

output "name" {
  description = "Name of the attached emitter. Available once the plug-in is attached."
  value       = var.name

  depends_on = [aws_dynamodb_table_item.this]
}
