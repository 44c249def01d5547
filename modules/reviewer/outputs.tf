output "function_arn" {
  description = "ARN of the attached function. Comes when it is attached."
  value       = var.function_arn

  depends_on = [aws_dynamodb_table_item.this]
}
