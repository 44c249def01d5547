# The function of a plug-in: code, layers, role, log group and alarm.

locals {
  # Role names are shared by all regions of an account.
  full_names = {
    function = "${var.alert_responder.name}-${var.kind}-${var.name}"
    role     = "${var.alert_responder.name}-${var.kind}-${var.name}-${var.alert_responder.region}"
  }

  # At most 64 characters: a longer name is shortened, and a hash keeps it unique.
  names = {
    for key, name in local.full_names :
    key => length(name) <= 64 ? name : "${substr(name, 0, 55)}-${substr(sha256(name), 0, 8)}"
  }

  package = coalesce(var.package_file, "${path.module}/../../dist/plugins.zip")

  # The layers contain Python packages.
  common_layer_arns = startswith(var.runtime, "python") ? var.alert_responder.layer_arns : []

  layer_arns = concat(local.common_layer_arns, var.layer_arns)

  environment = merge(var.settings, {
    LOG_LEVEL               = "INFO"
    POWERTOOLS_SERVICE_NAME = var.name
  })
  # Lambda measures the variables as JSON. Base64 has four characters for three bytes.
  environment_bytes = floor(length(base64encode(jsonencode(local.environment))) * 3 / 4)

  # Whatever else the role allows, it cannot write the registry, the settings, reports
  # or the items of other plug-ins.
  denied_writes = merge({
    Sid    = "WriteNothingElse"
    Effect = "Deny"
    Action = [
      "dynamodb:BatchWriteItem",
      "dynamodb:DeleteItem",
      "dynamodb:PartiQLDelete",
      "dynamodb:PartiQLInsert",
      "dynamodb:PartiQLUpdate",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
    ]
    Resource = [var.alert_responder.table_arn]
    }, var.written_partition == null ? {} : {
    Condition = { "ForAnyValue:StringNotLike" = { "dynamodb:LeadingKeys" = [var.written_partition] } }
  })

  statements = concat(
    var.statements,
    var.alert_responder.table_arn == null ? [] : [local.denied_writes],
    [{
      # No logs:CreateLogGroup: this module creates the log group.
      Sid      = "WriteLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
    }],
    var.secret_arn == null ? [] : [{
      Sid      = "ReadSecret"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = [var.secret_arn]
    }],
    # For the environment variables, and for AlertResponder's data encrypted with its key.
    var.alert_responder.kms_key_arn == null ? [] : [{
      Sid      = "UseKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [var.alert_responder.kms_key_arn]
    }],
    length(var.alert_responder.previous_kms_key_arns) == 0 ? [] : [{
      Sid      = "ReadWithPreviousKeys"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = var.alert_responder.previous_kms_key_arns
    }],
    # The key that AWS manages for secrets needs no grant.
    var.secret_kms_key_arn == null ? [] : [{
      Sid      = "DecryptSecret"
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [var.secret_kms_key_arn]
    }],
  )
}

resource "aws_lambda_function" "this" {
  function_name = local.names.function
  description   = var.description
  role          = aws_iam_role.this.arn
  tags          = var.alert_responder.tags

  runtime       = var.runtime
  architectures = [var.alert_responder.lambda_architecture]
  handler       = var.handler
  layers        = local.layer_arns

  filename         = local.package
  source_code_hash = filebase64sha256(local.package)

  kms_key_arn = var.alert_responder.kms_key_arn
  memory_size = var.memory_mb
  timeout     = var.timeout_seconds

  reserved_concurrent_executions = var.reserved_concurrency

  environment {
    variables = local.environment
  }

  # Without its log group, Lambda would create one without retention or key; without
  # its policy, the first call would fail.
  depends_on = [
    aws_cloudwatch_log_group.this,
    aws_iam_role_policy.this,
  ]

  # Lambda would refuse these during the apply.
  lifecycle {
    precondition {
      condition     = local.environment_bytes <= 4096
      error_message = "The settings of ${var.kind} ${var.name} are too long: Lambda allows 4,096 bytes of environment variables, and these have ${local.environment_bytes} as JSON. Shorten its longest lists."
    }

    precondition {
      condition     = length(local.layer_arns) <= 5
      error_message = "${var.kind} ${var.name} has ${length(local.layer_arns)} layers, and Lambda allows 5: those of AlertResponder (${length(local.common_layer_arns)}) and those in layer_arns."
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${local.names.function}"
  kms_key_id        = var.alert_responder.kms_key_arn
  retention_in_days = var.alert_responder.log_retention_days
  tags              = var.alert_responder.tags
}

resource "aws_iam_role" "this" {
  name                 = local.names.role
  description          = "Role of the ${var.kind} ${var.name} of AlertResponder ${var.alert_responder.name}."
  permissions_boundary = var.alert_responder.permissions_boundary_arn
  tags                 = var.alert_responder.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "plug-in"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.statements
  })
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  count = var.alarm_actions == null ? 0 : 1

  alarm_name          = "${local.names.function}-errors"
  alarm_description   = "Calls of the ${var.kind} ${var.name} of AlertResponder ${var.alert_responder.name} have failed for 15 minutes. Run alert-responder check ${var.kind} ${var.name}, and look for errors in the function's log."
  comparison_operator = "GreaterThanOrEqualToThreshold"
  dimensions          = { FunctionName = local.names.function }
  evaluation_periods  = 3
  metric_name         = "Errors"
  namespace           = "AWS/Lambda"
  period              = 300
  statistic           = "Sum"
  threshold           = 1
  tags                = var.alert_responder.tags

  # No calls, no data: nothing is wrong.
  treat_missing_data = "notBreaching"

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
}
