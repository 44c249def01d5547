# The stream alerts are put on, and how its records reach the receptor.

locals {
  # With null, the key AWS manages for Kinesis in every account.
  stream_key = var.kms_key == null ? "alias/aws/kinesis" : var.kms_key.arn

  # By name, so that Terraform makes the functions while it waits for the stream.
  stream_arn = join(":", [
    "arn", local.partition, "kinesis", local.region, local.account_id,
    "stream/${var.name}",
  ])
}

resource "aws_kinesis_stream" "alerts" {
  name             = var.name
  encryption_type  = "KMS"
  kms_key_id       = local.stream_key
  retention_period = var.stream_retention_hours
  shard_count      = var.stream_mode == "PROVISIONED" ? var.stream_shard_count : null
  tags             = var.tags

  stream_mode_details {
    stream_mode = var.stream_mode
  }
}

resource "aws_lambda_event_source_mapping" "receptor" {
  event_source_arn = aws_kinesis_stream.alerts.arn
  function_name    = aws_lambda_function.functions["receptor"].arn
  tags             = var.tags

  # From the beginning: no alert put on the stream before the mapping was
  # ready is passed over.
  starting_position = "TRIM_HORIZON"

  batch_size                         = var.batch_size
  maximum_batching_window_in_seconds = var.batch_window_seconds
  parallelization_factor             = var.parallelization_factor

  # The receptor names the records that AWS did not take. The mapping gives up
  # by age and not by tries: an outage of six hours loses nothing. What is given
  # up is kept whole in the archive bucket under aws/lambda/, a prefix AWS fixes.
  # A record that ends the receptor's process is bisected until it is alone. The
  # receptor counts such tries itself and archives the record at the third:
  # docs/decisions/0060-poison-records.md.
  bisect_batch_on_function_error = true
  function_response_types        = ["ReportBatchItemFailures"]
  maximum_record_age_in_seconds  = 6 * 60 * 60
  maximum_retry_attempts         = -1

  destination_config {
    on_failure {
      destination_arn = aws_s3_bucket.archive.arn
    }
  }

  # AWS tries the receptor's rights on stream and bucket when the mapping is
  # made; without them it is refused, or begins with failed calls. The bucket
  # has to be closed to the public before anything is put into it.
  depends_on = [
    aws_iam_role_policy.functions,
    aws_s3_bucket_policy.archive,
    aws_s3_bucket_public_access_block.archive,
    aws_s3_bucket_server_side_encryption_configuration.archive,
  ]
}
