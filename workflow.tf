# The state machine: one execution is one round of one report. What it does, and
# in which order, is in templates/workflow.asl.json.tftpl.

locals {
  # A call refused for want of capacity has done nothing: it is tried longer than
  # one that failed. Full jitter keeps the retries of a storm apart. With these a
  # step is refused for nine minutes on average before its round is given up: many
  # rounds at once in an account that may run few calls have to wait that long.
  retry = [
    {
      ErrorEquals = [
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.ServiceException",
        "Lambda.TooManyRequestsException",
      ]
      BackoffRate     = 2
      IntervalSeconds = 1
      JitterStrategy  = "FULL"
      MaxAttempts     = 40
      MaxDelaySeconds = 30
    },
    {
      ErrorEquals     = ["States.ALL"]
      BackoffRate     = 2
      IntervalSeconds = 2
      JitterStrategy  = "FULL"
      MaxAttempts     = 3
    },
  ]

  # A report may have 500 lookups in 50 calls, which a round may make nine times
  # over: with more tries of each, a storm of refusals would take an execution past
  # the 25,000 events it may have. With these the four Plans that every round has
  # for what no runner took outlast the 14 minutes in which runners are waited for
  # (Plan gives up then), on average.
  retry_inspection = {
    IntervalSeconds = 2
    MaxAttempts     = 8
    MaxDelaySeconds = 180
  }

  # There may be 45 deliveries, for the same reason.
  retry_refused_emission = {
    MaxAttempts = 20
  }

  # The runner of a delivery that died holds it for 35 s: these outlast that.
  retry_emission = [{
    ErrorEquals     = ["States.ALL"]
    BackoffRate     = 1
    IntervalSeconds = 12
    MaxAttempts     = 4
  }]
}

resource "aws_cloudwatch_log_group" "workflow" {
  # The policy that lets Step Functions write here names this prefix once for all
  # groups below it; with others, the policy reaches its limit after some machines.
  name              = "/aws/vendedlogs/states/${var.name}"
  kms_key_id        = var.kms_key == null ? null : var.kms_key.arn
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_sfn_state_machine" "rounds" {
  name     = var.name
  role_arn = aws_iam_role.workflow.arn
  type     = "STANDARD"
  tags     = var.tags

  # The functions' ARNs come from the resources: were all of the definition known
  # while planning, the provider would call AWS to have it checked.
  definition = templatefile("${path.module}/templates/workflow.asl.json.tftpl", {
    coordinator_arn            = aws_lambda_function.functions["coordinator"].arn
    inspection_concurrency     = var.inspection_concurrency
    inspection_delay_seconds   = var.inspection_delay_seconds
    inspection_timeout_seconds = var.inspection_timeout_seconds
    max_inspection_depth       = var.max_inspection_depth
    partition                  = local.partition
    retry                      = jsonencode(local.retry)
    retry_emission             = jsonencode(concat([merge(local.retry[0], local.retry_refused_emission)], local.retry_emission))
    retry_inspection           = jsonencode([merge(local.retry[0], local.retry_inspection), local.retry[1]])
    runner_arn                 = aws_lambda_function.functions["runner"].arn
    update_interval_seconds    = var.update_interval_seconds
  })

  dynamic "encryption_configuration" {
    for_each = var.kms_key == null ? [] : [var.kms_key]

    content {
      kms_data_key_reuse_period_seconds = 300
      kms_key_id                        = encryption_configuration.value.arn
      type                              = "CUSTOMER_MANAGED_KMS_KEY"
    }
  }

  # Payloads are ids and counts, but errors may quote more: they are kept out.
  logging_configuration {
    include_execution_data = false
    level                  = "ERROR"
    log_destination        = "${aws_cloudwatch_log_group.workflow.arn}:*"
  }

  # Step Functions tries its rights on logs and key when the machine is made.
  depends_on = [aws_iam_role_policy.workflow]
}

resource "aws_iam_role" "workflow" {
  name                 = local.role_names["workflow"]
  description          = "Of the workflow of AlertResponder ${var.name}."
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  # Only for this machine, and not for another one that AWS would serve in
  # somebody else's name.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = { ArnEquals = { "aws:SourceArn" = local.workflow_arn } }
    }]
  })
}

resource "aws_iam_role_policy" "workflow" {
  name = "workflow"
  role = aws_iam_role.workflow.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid    = "CallFunctions"
          Effect = "Allow"
          Action = ["lambda:InvokeFunction"]
          Resource = [
            aws_lambda_function.functions["coordinator"].arn,
            aws_lambda_function.functions["runner"].arn,
          ]
        },
        {
          # These actions know no resources; with any other, Step Functions refuses:
          # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
          Sid    = "DeliverLogs"
          Effect = "Allow"
          Action = [
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
          ]
          Resource = "*"
        },
      ],
      local.key_statements,
    )
  })
}
