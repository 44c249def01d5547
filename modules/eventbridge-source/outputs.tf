output "alarm_name" {
  description = "Name of the alarm that goes off when findings could not be put on the stream."
  value       = aws_cloudwatch_metric_alarm.dead_letters.alarm_name
}

output "dead_letter_queue_url" {
  description = "Address of the queue that keeps for 14 days what could not be put on the stream."
  value       = aws_sqs_queue.dead_letters.url
}

output "rule_arns" {
  description = "ARNs of the rules, by bus and name, such as default/guardduty."
  value       = { for key, rule in aws_cloudwatch_event_rule.findings : key => rule.arn }
}
