output "alarm_names" {
  description = "Names of all alarms, sorted: on dead letters, on delayed messages, and on lost messages of each topic."
  value       = sort([for alarm in concat(values(aws_cloudwatch_metric_alarm.queues), values(aws_cloudwatch_metric_alarm.lost)) : alarm.alarm_name])
}

output "dead_letter_queue_url" {
  description = "URL of the queue that keeps messages that could not be put on the stream, for 14 days."
  value       = aws_sqs_queue.dead_letters.url
}

output "pipe_arn" {
  description = "ARN of the pipe."
  value       = aws_pipes_pipe.this.arn
}

output "queue_arn" {
  description = "ARN of the queue that is subscribed to the topics."
  value       = aws_sqs_queue.messages.arn
}
