output "alarm_name" {
  description = "Name of the alarm on findings that could not be put on the stream."
  value       = aws_cloudwatch_metric_alarm.dead_letters.alarm_name
}

output "central_bus_arn" {
  description = "ARN of the central bus, for the forwarders of member accounts. Available once it accepts their events. Null without central_bus."
  value       = var.central_bus == null ? null : local.central_bus_arn

  depends_on = [aws_cloudwatch_event_bus_policy.central]
}

output "dead_letter_queue_url" {
  description = "URL of the queue that keeps events that could not be put on the stream, for 14 days."
  value       = aws_sqs_queue.dead_letters.url
}

output "rule_arns" {
  description = "ARNs of the rules, by bus and name, such as default/guardduty."
  value       = { for key, rule in aws_cloudwatch_event_rule.findings : key => rule.arn }
}
