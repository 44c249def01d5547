# The streams that receive alerts, and how their records reach the receptor.

locals {
  # Without kms_key, the key that AWS manages for Kinesis.
  stream_key = var.kms_key == null ? "alias/aws/kinesis" : var.kms_key.arn

  # Only roles of modules/eventbridge-source may write to the verified stream, so that
  # no producer can forge who sent an event: docs/decisions/0099-verified-stream.md. The
  # receptor knows verified streams by the end of the name, which no installation has.
  streams = merge(
    { alerts = var.name },
    var.verified_stream ? { verified = "${var.name}.verified" } : {},
  )

  # Composed, so that Terraform creates the functions while it waits for the streams.
  stream_arns = { for key, name in local.streams : key => join(":", [
    "arn", local.partition, "kinesis", local.region, local.account_id,
    "stream/${name}",
  ]) }
  stream_arn = local.stream_arns["alerts"]

  producer_accounts = [for id in sort(var.producer_account_ids) : "arn:${local.partition}:iam::${id}:root"]
}

resource "aws_kinesis_stream" "streams" {
  for_each = local.streams

  name             = each.value
  encryption_type  = "KMS"
  kms_key_id       = local.stream_key
  retention_period = var.stream_retention_hours
  shard_count      = var.stream_mode == "PROVISIONED" ? var.stream_shard_count : null
  tags             = var.tags

  stream_mode_details {
    stream_mode = var.stream_mode
  }
}

moved {
  from = aws_kinesis_stream.alerts
  to   = aws_kinesis_stream.streams["alerts"]
}

# Lets other accounts put alerts on the alert stream; each decides by its own IAM policies
# who does. It takes a key of yours: other accounts cannot use the key that AWS manages.
# The verified stream has no policy, so that no other account can write to it.
resource "aws_kinesis_resource_policy" "producers" {
  count = length(var.producer_account_ids) == 0 ? 0 : 1

  resource_arn = aws_kinesis_stream.streams["alerts"].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PutAlerts"
      Effect    = "Allow"
      Action    = ["kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecord", "kinesis:PutRecords"]
      Principal = { AWS = local.producer_accounts }
      Resource  = local.stream_arn
    }]
  })

  # Not a validation: the key's policy depends on the input, and the key on its policy.
  lifecycle {
    precondition {
      condition     = var.kms_key != null
      error_message = "producer_account_ids requires kms_key: other accounts cannot use the key that AWS manages for Kinesis."
    }
  }
}

resource "aws_lambda_event_source_mapping" "receptor" {
  for_each = local.streams

  event_source_arn = aws_kinesis_stream.streams[each.key].arn
  function_name    = aws_lambda_function.functions["receptor"].arn
  tags             = var.tags

  # From the beginning, so that alerts that arrive before the mapping is ready are
  # read as well.
  starting_position = "TRIM_HORIZON"

  batch_size                         = var.batch_size
  maximum_batching_window_in_seconds = var.batch_window_seconds
  parallelization_factor             = var.parallelization_factor

  # The receptor returns the records that AWS did not accept. The mapping gives up by
  # age and not by number of attempts: an outage of six hours loses nothing. It writes
  # batches it gives up on to the archive bucket under aws/lambda/, a prefix set by
  # AWS. A record that ends the receptor's process is bisected until it is alone. The
  # receptor counts these attempts and archives the record at the third:
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

  # AWS checks the receptor's rights on stream and bucket when the mapping is created;
  # without them it refuses the mapping, or the first calls fail. The bucket must
  # block public access before the first object is written.
  depends_on = [
    aws_iam_role_policy.functions,
    aws_s3_bucket_policy.archive,
    aws_s3_bucket_public_access_block.archive,
    aws_s3_bucket_server_side_encryption_configuration.archive,
  ]
}

moved {
  from = aws_lambda_event_source_mapping.receptor
  to   = aws_lambda_event_source_mapping.receptor["alerts"]
}
