# Attaches an emitter: an entry in the registry, and the right to call the function.

locals {
  # IAM allows a call by the ARN of the function or of the called version or alias. An
  # ARN that names a version or alias allows only that one.
  callable_arns = (
    length(split(":", var.function_arn)) == 8
    ? [var.function_arn]
    : [var.function_arn, "${var.function_arn}:*"]
  )
}

# The entry in the registry, which the functions read at run time.
resource "aws_dynamodb_table_item" "this" {
  table_name = var.alert_responder.table_name
  hash_key   = "pk"
  range_key  = "sk"

  # `version` is the version of the entry's layout. Sets are sorted, so that a plan
  # shows only real changes.
  item = jsonencode({
    pk         = { S = "plugin/emitter" }
    sk         = { S = var.name }
    arn        = { S = var.function_arn }
    detectors  = { L = [for value in sort(tolist(var.detectors)) : { S = value }] }
    enabled    = { BOOL = var.enabled }
    labels     = { L = [for value in sort(tolist(var.labels)) : { S = value }] }
    severities = { L = [for value in sort(tolist(var.severities)) : { S = value }] }
    version    = { N = "1" }
  })

  # The plug-in is not called before its role policy exists.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role_policy" "this" {
  name = "emitter-${var.name}"
  role = var.alert_responder.runner_role_name

  # Kept short: all inline policies of a role share 10,240 characters.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = local.callable_arns
    }]
  })
}
