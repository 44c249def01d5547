# The state machine: one execution is one round of one report.
# templates/workflow.asl.json.tftpl defines its steps and their order.

locals {
  # A throttled call has done nothing: it is retried longer than a failed one. Full
  # jitter spreads the retries of a storm. With these values a step is throttled for
  # nine minutes on average before its round fails: in an account with little
  # concurrency, many simultaneous rounds have to wait that long.
  retry = [
    {
      ErrorEquals = [
        "Lambda.AWSLambdaException",
        "Lambda.ClientExecutionTimeoutException",
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

  # A report may have 500 lookups in 50 calls, which a round may make up to nine
  # times: with more attempts for each, a storm of throttling would exceed the 25,000
  # events of an execution. With these values the four Plan steps that a round has for
  # lookups without a runner last longer, on average, than the 14 minutes after which
  # Plan stops waiting for a runner.
  retry_inspection = {
    IntervalSeconds = 2
    MaxAttempts     = 8
    MaxDelaySeconds = 180
  }

  # The same limit, for up to 45 deliveries.
  retry_refused_emission = {
    MaxAttempts = 20
  }

  # A runner that ended holds its delivery for 35 s: these retries last longer.
  retry_emission = [{
    ErrorEquals     = ["States.ALL"]
    BackoffRate     = 1
    IntervalSeconds = 12
    MaxAttempts     = 4
  }]
}

resource "aws_cloudwatch_log_group" "workflow" {
  # The resource policy that lets Step Functions write logs covers this prefix once.
  # Each other prefix would be added to it, until it reaches its size limit.
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

  # The functions' ARNs come from the resources: if the whole definition were known
  # while planning, the provider would call AWS to validate it.
  definition = templatefile("${path.module}/templates/workflow.asl.json.tftpl", {
    coordinator_arn            = aws_lambda_function.functions["coordinator"].arn
    execution_timeout_seconds  = 23 * 60 * 60 + var.update_interval_seconds
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

  # Without kms_key as well: if the block were left out, the provider would plan no change
  # and the state machine would keep its last key.
  encryption_configuration {
    kms_data_key_reuse_period_seconds = var.kms_key == null ? null : 300
    kms_key_id                        = var.kms_key == null ? null : var.kms_key.arn
    type                              = var.kms_key == null ? "AWS_OWNED_KEY" : "CUSTOMER_MANAGED_KMS_KEY"
  }

  # Payloads are ids and counts, but errors may quote more data: do not log them.
  logging_configuration {
    include_execution_data = false
    level                  = "ERROR"
    log_destination        = "${aws_cloudwatch_log_group.workflow.arn}:*"
  }

  # Step Functions checks its rights on logs and key when the machine is created or
  # changed.
  depends_on = [
    aws_iam_role_policy.workflow,
    aws_iam_role_policy.workflow_logs_and_key,
  ]

  # AWS deletes it only after its executions have ended or reached their next state.
  timeouts {
    delete = "30m"
  }
}

resource "aws_iam_role" "workflow" {
  name                 = local.role_names["workflow"]
  description          = "Role of the workflow of AlertResponder ${var.name}."
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  # Only for this state machine (protects against a confused deputy). A pattern, since
  # Step Functions assumes the role before the state machine has its ARN.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
      Condition = {
        ArnLike      = { "aws:SourceArn" = "${local.workflow_arn}*" }
        StringEquals = { "aws:SourceAccount" = local.account_id }
      }
    }]
  })
}

resource "aws_iam_role_policy" "workflow" {
  name = "workflow"
  role = aws_iam_role.workflow.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "CallFunctions"
      Effect = "Allow"
      Action = ["lambda:InvokeFunction"]
      Resource = [
        aws_lambda_function.functions["coordinator"].arn,
        aws_lambda_function.functions["runner"].arn,
      ]
    }]
  })
}

# A policy of its own, since it need not wait for the functions: when a key is added,
# Step Functions checks these rights as soon as the state machine is changed, and IAM
# needs seconds to make a new policy effective everywhere.
resource "aws_iam_role_policy" "workflow_logs_and_key" {
  name = "workflow-logs-and-key"
  role = aws_iam_role.workflow.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          # These actions support no resources, and Step Functions requires "*":
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
      # A running execution may continue with the key that it began with.
      [for arns in [var.previous_kms_key_arns] : {
        Sid      = "ContinueWithPreviousKeys"
        Effect   = "Allow"
        Action   = ["kms:GenerateDataKey"]
        Resource = arns
      } if length(arns) > 0],
    )
  })
}
