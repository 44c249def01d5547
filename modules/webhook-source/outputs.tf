output "alarm_names" {
  description = "Names of the alarms: on documents that could not be put on the stream, and on failed requests."
  value       = [aws_cloudwatch_metric_alarm.dead_letters.alarm_name, aws_cloudwatch_metric_alarm.failures.alarm_name]
}

output "api_id" {
  description = "Id of the HTTP API, to map a domain name of your own to it."
  value       = aws_apigatewayv2_api.this.id
}

output "dead_letter_queue_url" {
  description = "URL of the queue that keeps documents that could not be put on the stream, for 14 days."
  value       = aws_sqs_queue.dead_letters.url
}

output "function_name" {
  description = "Name of the function."
  value       = reverse(split(":", module.function.function_arn))[0]
}

output "role_name" {
  description = "Name of the function's role."
  value       = module.function.role_name
}

output "url" {
  description = "URL to which products post alerts."
  value       = "${aws_apigatewayv2_api.this.api_endpoint}/"

  # Available once requests are answered.
  depends_on = [aws_apigatewayv2_stage.this]
}
