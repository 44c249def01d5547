# The table with reports and the registry of plug-ins, and the bucket that archives
# published reports and rejected records.

locals {
  archive_arn = aws_s3_bucket.archive.arn

  # Composed, so that roles get the rights on a new key before the table uses it.
  table_arn = join(":", [
    "arn", local.partition, "dynamodb", local.region, local.account_id,
    "table/${var.name}",
  ])

  # Address of an object in the console, without the object's key. Emitters get no
  # link in partitions whose console has no published address.
  console_domain = lookup({
    aws        = "console.aws.amazon.com"
    aws-cn     = "console.amazonaws.cn"
    aws-us-gov = "console.amazonaws-us-gov.com"
  }, local.partition, null)
  archive_console_url = local.console_domain == null ? "none" : join("", [
    "https://${local.region}.${local.console_domain}/s3/object/${aws_s3_bucket.archive.id}",
    "?region=${local.region}&bucketType=general&prefix=",
  ])
  report_link_type = var.report_link_type == "console" && local.console_domain == null ? "none" : var.report_link_type

  # Only the round that wrote a snapshot reads it, and it lasts hours at most.
  snapshot_retention_days = min(30, var.report_retention_days)

  # How long an overwritten or deleted object can be restored.
  noncurrent_retention_days = 30
}

resource "aws_dynamodb_table" "reports" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = var.deletion_protection
  hash_key                    = "pk"
  range_key                   = "sk"
  tags                        = var.tags

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  attribute {
    name = "open_shard"
    type = "S"
  }

  attribute {
    name = "day_shard"
    type = "S"
  }

  attribute {
    name = "report_id"
    type = "S"
  }

  # Only heads of open reports have open_shard, which keeps the index small. The
  # sweeper reads the index, and the table before it decides.
  global_secondary_index {
    name            = "open_reports"
    hash_key        = "open_shard"
    range_key       = "pk"
    projection_type = "KEYS_ONLY"
  }

  # For people and tools: the reports of a day, with everything that a list shows.
  global_secondary_index {
    name            = "reports_by_day"
    hash_key        = "day_shard"
    range_key       = "report_id"
    projection_type = "ALL"
  }

  point_in_time_recovery {
    enabled = true
  }

  # If the block or the key in it were left out, the provider would plan no change and
  # the table would keep its last key. Not enabled: a key that AWS owns.
  dynamic "server_side_encryption" {
    for_each = var.kms_key == null ? [] : [var.kms_key]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value.arn
    }
  }
  dynamic "server_side_encryption" {
    for_each = var.kms_key == null ? ["owned"] : []

    content {
      enabled = false
    }
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }
}

resource "aws_s3_bucket" "archive" {
  # Bucket names are global: AWS appends a unique suffix to the prefix.
  bucket_prefix = "${var.name}-"
  force_destroy = !var.deletion_protection
  tags          = var.tags
}

resource "aws_s3_bucket_ownership_controls" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "archive" {
  bucket = aws_s3_bucket.archive.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    bucket_key_enabled = var.kms_key != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key == null ? null : var.kms_key.arn
    }
  }
}

resource "aws_s3_bucket_versioning" "archive" {
  bucket = aws_s3_bucket.archive.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    id     = "everything"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }

    expiration {
      days = var.report_retention_days
    }

    noncurrent_version_expiration {
      noncurrent_days = local.noncurrent_retention_days
    }
  }

  rule {
    id     = "snapshots"
    status = "Enabled"

    filter {
      prefix = "snapshots/"
    }

    expiration {
      days = local.snapshot_retention_days
    }
  }

  # S3 refuses rules for old versions while versioning is off.
  depends_on = [aws_s3_bucket_versioning.archive]
}

resource "aws_s3_bucket_policy" "archive" {
  bucket = aws_s3_bucket.archive.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RefuseWithoutTls"
      Effect    = "Deny"
      Action    = "s3:*"
      Principal = "*"
      Resource  = [local.archive_arn, "${local.archive_arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # S3 refuses two simultaneous changes of a bucket's access.
  depends_on = [
    aws_s3_bucket_ownership_controls.archive,
    aws_s3_bucket_public_access_block.archive,
  ]
}
