output "alarm_name" {
  description = "Name of the alarm on findings that could not be forwarded."
  value       = aws_cloudwatch_metric_alarm.dead_letters.alarm_name
}

output "dead_letter_queue_url" {
  description = "URL of the queue that keeps events that could not be forwarded, for 14 days."
  value       = aws_sqs_queue.dead_letters.url
}

output "role_arn" {
  description = "ARN of the role with which EventBridge forwards findings."
  value       = aws_iam_role.forward.arn
}
