output "boundary_arn" {
  description = "ARN of the permissions boundary of both roles."
  value       = aws_iam_policy.boundary.arn
}

output "reader_role_arn" {
  description = "ARN of the role that reads. Available once its policies are attached."
  value       = aws_iam_role.this["reader"].arn

  depends_on = [aws_iam_role_policy.this]
}

output "responder_role_arn" {
  description = "ARN of the role that contains and releases. Available once its policies are attached. Null without responder_principal_arns."
  value       = length(var.responder_principal_arns) > 0 ? aws_iam_role.this["responder"].arn : null

  depends_on = [aws_iam_role_policy.this]
}
