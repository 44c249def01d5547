output "function_arn" {
  description = "ARN of the function. Available once its role and log group are complete."
  value       = aws_lambda_function.this.arn
}

output "role_arn" {
  description = "ARN of the function's role, for policies in other accounts."
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "Name of the function's role."
  value       = aws_iam_role.this.name
}
