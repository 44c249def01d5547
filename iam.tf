# One role for each function, with just what that function does. What plug-ins
# may be called is added by modules/inspector, modules/reviewer and modules/emitter.
#
# Policies are written with jsonencode throughout. The data source for them is put
# off to the apply whenever something it names is about to change, and a plan would
# then show no policy at all: with every new zip, for one.

locals {
  # Role names are shared by all regions of an account.
  role_names = {
    for key in concat(local.function_keys, ["workflow"]) :
    key => "${var.name}-${key}-${local.region}"
  }

  # Explicit refusals stand above whatever a function is allowed, now or later. The
  # registry and the settings are Terraform's, the journal and the memories of ready-made
  # plug-ins theirs: a function that parses what an attacker wrote has no business there.
  # ForAnyValue: one such key among several is enough; reads stay.
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
    Sid      = "NeverWriteThese"
    Effect   = "Deny"
    Action   = local.table_write_actions
    Resource = [local.table_arn]
    Condition = {
      "ForAnyValue:StringLike" = { "dynamodb:LeadingKeys" = ["config", "emitted/*", "plugin/*", "quarantine/*"] }
    }
  }

  # The partitions that the receptor may write, which reads the records: no others.
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
        Resource = [local.stream_arn]
      },
      {
        # aws/lambda/ is written by Lambda's mapping, with this role.
        Sid      = "KeepWhatWasNotTaken"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.archive_arn}/aws/lambda/*", "${local.archive_arn}/counted/*", "${local.archive_arn}/rejected/*"]
      },
      {
        # The mapping looks at its destination before it writes there.
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
        Sid      = "LookAfterRounds"
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
      # Whoever has a presigned address reads with the rights of who signed it.
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

  # What whoever reads and writes encrypted data needs of the customer's key.
  key_statements = var.kms_key == null ? [] : [{
    Sid      = "UseKey"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    Resource = var.kms_key.arn
  }]

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
  description          = "Of the ${each.key} of AlertResponder ${var.name}."
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
        # No logs:CreateLogGroup: the log groups are this module's.
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.functions[each.key].arn}:*"
      }],
      local.key_statements,
    )
  })
}
