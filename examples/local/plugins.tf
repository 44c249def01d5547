# The plug-ins: plain Lambda functions that do not depend on AlertResponder. Their roles
# contain only the rights that they need themselves, and none for being called.

locals {
  plugins = merge(local.example_plugins, local.custom_functions)

  example_plugins = {
    asset = {
      description = "Inspector: looks up the owner of an instance or an internal address."
      handler     = "index.handler"
      runtime     = "nodejs22.x"
      settings    = {}
      statements  = []
    }
    inbox = {
      description = "Emitter: stores each delivery as an object."
      handler     = "inbox.handler"
      runtime     = "python3.12"
      settings    = { BUCKET = aws_s3_bucket.emitters.id }
      statements = [{
        actions   = ["s3:PutObject"]
        resources = ["${aws_s3_bucket.emitters.arn}/inbox/*"]
      }]
    }
    pager = {
      description = "Emitter: pages, or fails as control/pager.json demands."
      handler     = "pager.handler"
      runtime     = "python3.12"
      settings    = { BUCKET = aws_s3_bucket.emitters.id }
      statements = [
        {
          actions   = ["s3:GetObject", "s3:PutObject"]
          resources = ["${aws_s3_bucket.emitters.arn}/pager/*"]
        },
        {
          actions   = ["s3:GetObject"]
          resources = ["${aws_s3_bucket.emitters.arn}/control/pager.json"]
        },
      ]
    }
    reputation = {
      description = "Inspector: looks up addresses and domains in a threat feed."
      handler     = "reputation.handler"
      runtime     = "python3.12"
      settings    = {}
      statements  = []
    }
  }
}

resource "aws_lambda_function" "plugins" {
  for_each = local.plugins

  function_name = "${var.name}-${each.key}"
  description   = each.value.description
  role          = aws_iam_role.plugins[each.key].arn

  runtime          = each.value.runtime
  handler          = each.value.handler
  s3_bucket        = aws_s3_object.plugins[each.key].bucket
  s3_key           = aws_s3_object.plugins[each.key].key
  source_code_hash = filebase64sha256("${var.packages_folder}/${each.key}.zip")
  memory_size      = 256
  timeout          = 30

  environment {
    variables = merge(each.value.settings, lookup(var.custom_settings, each.key, {}))
  }

  # The roles may not create log groups, and need their policy for the first call.
  depends_on = [
    aws_cloudwatch_log_group.plugins,
    aws_iam_role_policy.plugins,
  ]
}

# The provider creates functions from local files one after the other, in five seconds
# each, and functions from a bucket at the same time.
resource "aws_s3_object" "plugins" {
  for_each = local.plugins

  bucket      = aws_s3_bucket.emitters.id
  key         = "code/${each.key}.zip"
  source      = "${var.packages_folder}/${each.key}.zip"
  source_hash = filemd5("${var.packages_folder}/${each.key}.zip")
}

resource "aws_cloudwatch_log_group" "plugins" {
  for_each = toset(keys(local.plugins))

  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = 7
}

data "aws_iam_policy_document" "assume_plugin" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "plugins" {
  for_each = toset(keys(local.plugins))

  name               = "${var.name}-plugin-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assume_plugin.json
}

data "aws_iam_policy_document" "plugins" {
  for_each = local.plugins

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.plugins[each.key].arn}:*"]
  }

  dynamic "statement" {
    for_each = each.value.statements

    content {
      actions   = statement.value.actions
      resources = statement.value.resources
    }
  }
}

resource "aws_iam_role_policy" "plugins" {
  for_each = local.plugins

  name   = each.key
  role   = aws_iam_role.plugins[each.key].name
  policy = data.aws_iam_policy_document.plugins[each.key].json
}

# Deliveries under inbox/ and pager/, and settings of the pager under control/.
resource "aws_s3_bucket" "emitters" {
  bucket_prefix = "${var.name}-emitters-"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "emitters" {
  bucket = aws_s3_bucket.emitters.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
