# "New or usual": a table with the counts of earlier days, and the function that adds a
# day once it is over.

locals {
  rollup_database = local.baseline ? aws_glue_catalog_database.this[0].name : ""
  rollup_table    = "counts"
}

resource "aws_glue_catalog_database" "this" {
  count = local.baseline ? 1 : 0

  # Names in SQL have no hyphens.
  name        = replace("${local.full_name}_${local.region}", "-", "_")
  description = "Counts of the inspector ${var.name} of AlertResponder ${var.alert_responder.name}."
  tags        = var.alert_responder.tags
}

resource "aws_glue_catalog_table" "counts" {
  count = local.baseline ? 1 : 0

  name          = local.rollup_table
  database_name = aws_glue_catalog_database.this[0].name
  description   = "How often each subject did what, and from where, by source and day."
  table_type    = "EXTERNAL_TABLE"

  # Athena computes the partitions, so that nothing has to add them.
  parameters = {
    EXTERNAL                    = "TRUE"
    classification              = "parquet"
    "projection.enabled"        = "true"
    "projection.source.type"    = "enum"
    "projection.source.values"  = join(",", sort([for name, source in local.sources : name if source.baseline_days > 0]))
    "projection.day.type"       = "date"
    "projection.day.format"     = "yyyy-MM-dd"
    "projection.day.range"      = "2026-01-01,NOW"
    "storage.location.template" = "s3://${local.bucket_name}/counts/source=$${source}/day=$${day}/"
  }

  partition_keys {
    name = "source"
    type = "string"
  }

  partition_keys {
    name = "day"
    type = "string"
  }

  storage_descriptor {
    location      = "s3://${local.bucket_name}/counts/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    columns {
      name = "subject"
      type = "string"
    }

    columns {
      name = "what"
      type = "string"
    }

    columns {
      name = "network"
      type = "string"
    }

    columns {
      name = "times"
      type = "bigint"
    }
  }
}

# Its own function, so that the one that reads alerts cannot write the counts.
module "rollup" {
  source = "../plugin-function"
  count  = local.baseline ? 1 : 0

  alert_responder = var.alert_responder
  name            = "${var.name}-rollup"
  kind            = "inspector"
  description     = "Counts each day of the logs once, for the inspector ${var.name}."
  handler         = "alert_responder_plugins.athena.rollup_handler.handler"
  settings        = merge(local.settings, { TIME_BUDGET_SECONDS = "800" })
  timeout_seconds = 870

  written_partition = local.partition_key

  statements = concat(
    local.reading,
    local.counting,
    local.counts_read,
    [{
      Sid      = "WriteCounts"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
      Resource = ["${local.s3}${local.bucket_name}/counts/*"]
    }],
    [{
      Sid       = "ListCountedDays"
      Effect    = "Allow"
      Action    = ["dynamodb:Query"]
      Resource  = [var.alert_responder.table_arn]
      Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["budget/${var.name}/counted/*"] } }
    }],
  )
}

resource "aws_cloudwatch_event_rule" "rollup" {
  count = local.baseline ? 1 : 0

  name                = local.rule_name
  description         = "Counts the last day of the logs."
  schedule_expression = var.rollup_schedule
  tags                = var.alert_responder.tags
}

resource "aws_cloudwatch_event_target" "rollup" {
  count = local.baseline ? 1 : 0

  rule  = aws_cloudwatch_event_rule.rollup[0].name
  arn   = module.rollup[0].function_arn
  input = jsonencode({})

  # The next run makes up for it.
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 1
  }

  depends_on = [aws_lambda_permission.rollup]
}

resource "aws_lambda_permission" "rollup" {
  count = local.baseline ? 1 : 0

  statement_id  = "rollup"
  action        = "lambda:InvokeFunction"
  function_name = module.rollup[0].function_arn
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.rollup[0].arn
}

locals {
  # At most 64 characters.
  full_rule_name = "${local.full_name}-rollup"
  rule_name      = length(local.full_rule_name) <= 64 ? local.full_rule_name : "${substr(local.full_rule_name, 0, 55)}-${substr(sha256(local.full_rule_name), 0, 8)}"
}
