# One role for each function, with the rights that the function needs. The modules
# inspector, reviewer and emitter add the right to call a plug-in.
#
# Policies use jsonencode. Terraform reads aws_iam_policy_document only during the
# apply when a resource in it is about to change, so that a plan would show no policy,
# for example with every new zip.

locals {
  # Role names are shared by all regions of an account.
  role_names = {
    for key in concat(local.function_keys, ["workflow"]) :
    key => "${var.name}-${key}-${local.region}"
  }

  # Explicit denials override everything that a function is allowed, now or later. Only
  # Terraform writes the registry and the settings, and only ready-made plug-ins write
  # their journal and delivery logs: a function that parses an attacker's text must not.
  # ForAnyValue: one such key among several is enough. Reads are not affected.
  table_write_actions = [
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
  ]
  protect_partitions = {
    Sid      = "ProtectPartitions"
    Effect   = "Deny"
    Action   = local.table_write_actions
    Resource = [local.table_arn]
    Condition = {
      "ForAnyValue:StringLike" = { "dynamodb:LeadingKeys" = ["config", "emitted/*", "organization", "plugin/*", "policy/*", "quarantine/*"] }
    }
  }

  # The receptor reads untrusted records, and may write these partitions only.
  receptor_partitions = ["admission/*", "alert/*", "report/*"]

  function_statements = {
    receptor = [
      {
        Sid      = "WriteNothingElse"
        Effect   = "Deny"
        Action   = local.table_write_actions
        Resource = [local.table_arn]
        Condition = {
          "ForAnyValue:StringNotLike" = { "dynamodb:LeadingKeys" = local.receptor_partitions }
        }
      },
      local.protect_partitions,
      {
        Sid    = "KeepReports"
        Effect = "Allow"
        Action = [
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "dynamodb:UpdateItem",
        ]
        Resource = [local.table_arn]
      },
      {
        Sid      = "ReadAlerts"
        Effect   = "Allow"
        Action   = local.stream_read_actions
        Resource = values(local.stream_arns)
      },
      {
        # Lambda's event source mapping writes aws/lambda/ with this role.
        Sid      = "ArchiveRecords"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.archive_arn}/aws/lambda/*", "${local.archive_arn}/counted/*", "${local.archive_arn}/rejected/*"]
      },
      {
        # The mapping checks its destination before it writes there.
        Sid      = "FindArchive"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = [local.archive_arn]
      },
      {
        Sid      = "StartRounds"
        Effect   = "Allow"
        Action   = ["states:StartExecution"]
        Resource = [local.workflow_arn]
      },
    ]
    coordinator = [
      local.protect_partitions,
      {
        Sid    = "KeepReports"
        Effect = "Allow"
        Action = [
          "dynamodb:BatchGetItem",
          "dynamodb:BatchWriteItem",
          "dynamodb:ConditionCheckItem",
          "dynamodb:GetItem",
          "dynamodb:PutItem",
          "dynamodb:Query",
          "dynamodb:UpdateItem",
        ]
        Resource = [local.table_arn]
      },
      {
        Sid      = "FindOpenReports"
        Effect   = "Allow"
        Action   = ["dynamodb:Query"]
        Resource = ["${local.table_arn}/index/open_reports"]
      },
      {
        Sid      = "Archive"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.archive_arn}/reports/*", "${local.archive_arn}/snapshots/*"]
      },
      {
        Sid      = "ReadSnapshots"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.archive_arn}/snapshots/*"]
      },
      {
        Sid      = "StartRounds"
        Effect   = "Allow"
        Action   = ["states:StartExecution"]
        Resource = [local.workflow_arn]
      },
      {
        Sid      = "DescribeRounds"
        Effect   = "Allow"
        Action   = ["states:DescribeExecution"]
        Resource = [local.execution_arns]
      },
    ]
    runner = concat(
      [
        local.protect_partitions,
        {
          Sid    = "KeepAnswers"
          Effect = "Allow"
          Action = [
            "dynamodb:BatchGetItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
          ]
          Resource = [local.table_arn]
        },
        {
          Sid      = "ReadSnapshots"
          Effect   = "Allow"
          Action   = ["s3:GetObject"]
          Resource = ["${local.archive_arn}/snapshots/*"]
        },
      ],
      # A presigned link reads with the rights of the role that signed it.
      local.report_link_type != "presigned" ? [] : [{
        Sid      = "SignLinksToPages"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.archive_arn}/reports/*.html"]
      }],
    )
  }

  stream_read_actions = [
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
  ]

  # For roles that read and write data encrypted with your key, or read older data.
  key_statements = concat(
    var.kms_key == null ? [] : [{
      Sid      = "UseKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      Resource = [var.kms_key.arn]
    }],
    length(var.previous_kms_key_arns) == 0 ? [] : [{
      Sid      = "ReadWithPreviousKeys"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = var.previous_kms_key_arns
    }],
  )

  assume_function_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role" "functions" {
  for_each = toset(local.function_keys)

  name                 = local.role_names[each.key]
  description          = "Role of the ${each.key} of AlertResponder ${var.name}."
  assume_role_policy   = local.assume_function_policy
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags
}

resource "aws_iam_role_policy" "functions" {
  for_each = toset(local.function_keys)

  name = each.key
  role = aws_iam_role.functions[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      local.function_statements[each.key],
      [{
        # No logs:CreateLogGroup: this module creates the log groups.
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.functions[each.key].arn}:*"
      }],
      local.key_statements,
    )
  })
}
