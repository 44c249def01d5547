output "alert_stream_name" {
  description = "Name of the Kinesis stream that receives alerts."
  value       = module.alert_responder.alert_stream_name
}

output "pages_topic_arn" {
  description = "ARN of the topic for urgent reports. Subscribe an address to it."
  value       = aws_sns_topic.pages.arn
}
