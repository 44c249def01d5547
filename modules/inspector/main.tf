# Attaches an inspector: an entry in the registry, and the right to call the function.

locals {
  # IAM allows a call by the ARN of the function or of the called version or alias. An
  # ARN that names a version or alias allows only that one.
  callable_arns = (
    length(split(":", var.function_arn)) == 8
    ? [var.function_arn]
    : [var.function_arn, "${var.function_arn}:*"]
  )

  # Fields without a value are omitted from the entry.
  external = var.external == null ? {} : {
    external = { M = {
      allow_identities = { BOOL = var.external.allow_identities }
      allow_internal   = { BOOL = var.external.allow_internal }
      allow_query      = { BOOL = var.external.allow_query }
    } }
  }
  cache_empty = var.cache_empty_seconds == 0 ? {} : {
    cache_empty_seconds = { N = tostring(var.cache_empty_seconds) }
  }
  quotas = {
    for name, calls in { max_per_day = var.max_per_day, max_per_minute = var.max_per_minute } :
    name => { N = tostring(calls) } if calls != null
  }
  per_account = !var.per_account ? {} : {
    per_account = { BOOL = true }
  }
  batch_size = var.batch_size == 1 ? {} : {
    batch_size = { N = tostring(var.batch_size) }
  }
  batch_types = var.batch_size == 1 || var.batch_types == null ? {} : {
    batch_types = { L = [for value in sort(tolist(var.batch_types)) : { S = value }] }
  }
}

# The entry in the registry, which the functions read at run time.
resource "aws_dynamodb_table_item" "this" {
  table_name = var.alert_responder.table_name
  hash_key   = "pk"
  range_key  = "sk"

  # `version` is the version of the entry's layout. Sets are sorted, so that a plan
  # shows only real changes.
  item = jsonencode(merge(local.external, local.quotas, local.cache_empty, local.batch_size, local.batch_types, local.per_account, {
    pk              = { S = "plugin/inspector" }
    sk              = { S = var.name }
    arn             = { S = var.function_arn }
    attribute_types = { L = [for value in sort(tolist(var.attribute_types)) : { S = value }] }
    cache_seconds   = { N = tostring(var.cache_seconds) }
    contexts        = { L = [for value in sort(tolist(var.contexts)) : { S = value }] }
    detectors       = { L = [for value in sort(tolist(var.detectors)) : { S = value }] }
    enabled         = { BOOL = var.enabled }
    version         = { N = "1" }
  }))

  # The plug-in is not called before its role policy exists.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role_policy" "this" {
  name = "inspector-${var.name}"
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
