# The bucket for results and counts. Everything in it can be made again.

locals {
  # At most 63 characters: a longer name is shortened, and a hash keeps it unique.
  full_bucket_name = "${local.full_name}-${local.account_id}-${local.region}"
  own_bucket_name  = length(local.full_bucket_name) <= 63 ? local.full_bucket_name : "${substr(local.full_bucket_name, 0, 54)}-${substr(sha256(local.full_bucket_name), 0, 8)}"
  bucket_name      = local.bucket ? local.own_bucket_name : ""
}

resource "aws_s3_bucket" "this" {
  count = local.bucket ? 1 : 0

  bucket        = local.own_bucket_name
  force_destroy = true
  tags          = var.alert_responder.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  count = local.bucket ? 1 : 0

  bucket                  = aws_s3_bucket.this[0].bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  count = local.bucket ? 1 : 0

  bucket = aws_s3_bucket.this[0].bucket

  rule {
    bucket_key_enabled = var.alert_responder.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.alert_responder.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.alert_responder.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  count = local.bucket ? 1 : 0

  bucket = aws_s3_bucket.this[0].bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count = local.bucket ? 1 : 0

  bucket = aws_s3_bucket.this[0].bucket

  rule {
    id     = "everything"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "results"
    status = "Enabled"

    filter {
      prefix = "results/"
    }

    expiration {
      days = 7
    }
  }

  rule {
    id     = "counts"
    status = "Enabled"

    filter {
      prefix = "counts/"
    }

    # The longest baseline, and a week.
    expiration {
      days = 97
    }
  }

  # S3 refuses rules for old versions while versioning is off.
  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_policy" "this" {
  count = local.bucket ? 1 : 0

  bucket = aws_s3_bucket.this[0].bucket

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RequireTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.this[0].arn, "${aws_s3_bucket.this[0].arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}
