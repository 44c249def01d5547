output "function_arn" {
  description = "ARN of the function. Comes when the function can do its work."
  value       = aws_lambda_function.this.arn
}

output "role_arn" {
  description = "ARN of the function's role, to be named in other accounts' policies."
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "Name of the function's role."
  value       = aws_iam_role.this.name
}
