output "alert_stream_name" {
  description = "Name of the stream to put alerts on."
  value       = module.alert_responder.alert_stream_name
}

output "pages_topic_arn" {
  description = "ARN of the topic urgent reports are published on. Subscribe an address to it."
  value       = aws_sns_topic.pages.arn
}
