output "alert_stream_name" {
  description = "Name of the Kinesis stream that receives alerts."
  value       = module.alert_responder.alert_stream_name
}

output "archive_bucket_name" {
  description = "Name of the bucket with reports and rejected records."
  value       = module.alert_responder.archive_bucket_name
}

output "emitter_bucket_name" {
  description = "Name of the bucket that the example's emitters write to. control/pager.json in it makes the pager fail."
  value       = aws_s3_bucket.emitters.id
}

output "name" {
  description = "Name of the installation."
  value       = module.alert_responder.name
}

output "producer_policy_json" {
  description = "IAM policy for producers of alerts, as JSON."
  value       = module.alert_responder.producer_policy_json
}

output "report_table_name" {
  description = "Name of the table with reports and the registry of plug-ins."
  value       = module.alert_responder.report_table_name
}

output "workflow_arn" {
  description = "ARN of the state machine. One execution is one round of one report."
  value       = module.alert_responder.workflow_arn
}
