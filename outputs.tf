output "alarm_names" {
  description = "Names of all alarms, sorted. Empty if monitoring is not enabled. Set alarm_actions to be notified of them."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.alarms : alarm.alarm_name])
}

output "alert_stream_arn" {
  description = "ARN of the Kinesis stream that receives alerts."
  value       = aws_kinesis_stream.streams["alerts"].arn
}

output "alert_stream_name" {
  description = "Name of the Kinesis stream that receives alerts."
  value       = aws_kinesis_stream.streams["alerts"].name
}

output "archive_bucket_name" {
  description = "Name of the archive bucket. It holds published reports and their pages (reports/), rejected records (rejected/), alerts beyond the limits of a report (counted/), and batches that exceeded their retries (aws/lambda/)."
  value       = aws_s3_bucket.archive.id
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard. It contains the region, since dashboard names are shared by all regions of an account. Null: no dashboard."
  value       = one(aws_cloudwatch_dashboard.overview[*].dashboard_name)
}

output "interface" {
  description = "Everything that the plug-in modules need to create a function and to attach it. Pass it as a whole to their input alert_responder. Its layer_arns are also for your own plug-ins that use the Python package."
  value = {
    account_id            = local.account_id
    alert_stream_arn      = aws_kinesis_stream.streams["alerts"].arn
    coordinator_role_name = aws_iam_role.functions["coordinator"].name
    name                  = var.name
    partition             = local.partition
    region                = local.region
    runner_role_name      = aws_iam_role.functions["runner"].name
    table_arn             = aws_dynamodb_table.reports.arn
    table_name            = aws_dynamodb_table.reports.name
    verified_stream_arn   = one([for key, stream in aws_kinesis_stream.streams : stream.arn if key == "verified"])

    # Settings that plug-in functions share with those of AlertResponder.
    kms_key_arn              = var.kms_key == null ? null : var.kms_key.arn
    lambda_architecture      = var.lambda_architecture
    layer_arns               = concat(local.layer_arns, [aws_lambda_layer_version.kit.arn])
    log_retention_days       = var.log_retention_days
    permissions_boundary_arn = var.permissions_boundary_arn
    previous_kms_key_arns    = var.previous_kms_key_arns
    tags                     = var.tags
  }

  # The rules for external inspectors are written before an inspector is attached.
  # Without further dependencies, Terraform creates the functions of plug-ins and of
  # AlertResponder at the same time.
  depends_on = [aws_dynamodb_table_item.settings]
}

output "kms_key_policy_json" {
  description = "Key policy for the key in kms_key, as JSON. It lets IAM policies of the account control access, as AWS's default policy does, and lets CloudWatch Logs, its log delivery and EventBridge use the key for this installation. Set it in the key's policy argument, so that the key can be used as soon as it exists."
  value       = local.key_policy
}

output "name" {
  description = "Name of the installation, from which all other names are derived."
  value       = var.name
}

output "producer_policy_json" {
  description = "IAM policy for principals that put alerts on the stream, as JSON. It includes the use of the key if kms_key is set."
  value       = local.producer_policy
}

output "report_table_name" {
  description = "Name of the DynamoDB table with reports and the registry of plug-ins."
  value       = aws_dynamodb_table.reports.name
}

output "runner_role_name" {
  description = "Name of the role that calls inspectors and emitters. To forbid a call, add a policy that denies it."
  value       = aws_iam_role.functions["runner"].name
}

output "verified_stream_arn" {
  description = "ARN of the stream to which only roles of modules/eventbridge-source may write. Null: verified_stream is false."
  value       = one([for key, stream in aws_kinesis_stream.streams : stream.arn if key == "verified"])
}

output "workflow_arn" {
  description = "ARN of the state machine. One execution is one round of one report."
  value       = aws_sfn_state_machine.rounds.arn
}
