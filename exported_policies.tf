# Policies that this module only returns, for roles and keys outside of it.

locals {
  # The only service here whose principal differs by region and partition.
  logs_principal = "logs.${local.region}.${data.aws_partition.current.dns_suffix}"

  producer_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "PutAlerts"
        Effect   = "Allow"
        Action   = ["kinesis:PutRecord", "kinesis:PutRecords"]
        Resource = local.stream_arn
      }],
      var.kms_key == null ? [] : [{
        Sid      = "UseKey"
        Effect   = "Allow"
        Action   = ["kms:GenerateDataKey"]
        Resource = var.kms_key.arn
      }],
    )
  })

  # Nothing here may depend on kms_key or on a resource that uses it: the key's policy
  # must exist before the first resource that uses the key. In a key policy, "*" means
  # this key.
  key_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "LetIamDecide"
        Effect    = "Allow"
        Action    = "kms:*"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
        Resource  = "*"
      },
      {
        Sid    = "CloudWatchLogs"
        Effect = "Allow"
        # The patterns are those of AWS's own example.
        Action = [
          "kms:Decrypt*",
          "kms:Describe*",
          "kms:Encrypt*",
          "kms:GenerateDataKey*",
          "kms:ReEncrypt*",
        ]
        Principal = { Service = local.logs_principal }
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = [
              for path in ["/aws/lambda/${var.name}-*", "/aws/vendedlogs/states/${var.name}"] :
              "arn:${local.partition}:logs:${local.region}:${local.account_id}:log-group:${path}"
            ]
          }
        }
      },
      {
        Sid       = "WorkflowLogs"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Resource  = "*"
        Condition = {
          StringEquals = {
            "kms:EncryptionContext:SourceArn" = "arn:${local.partition}:logs:${local.region}:${local.account_id}:*"
          }
        }
      },
      {
        Sid       = "DeadLetters"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Principal = { Service = "events.amazonaws.com" }
        # Without a condition, as AWS documents it: whether EventBridge names the rule to KMS
        # is not documented. The queue's policy accepts messages of these rules only.
        Resource = "*"
      },
      ],
      [for accounts in [local.producer_accounts] : {
        Sid       = "ProducersInOtherAccounts"
        Effect    = "Allow"
        Action    = "kms:GenerateDataKey"
        Principal = { AWS = accounts }
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "kinesis.${local.region}.${data.aws_partition.current.dns_suffix}" } }
      } if length(accounts) > 0],
    )
  })
}
