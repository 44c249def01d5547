# The plug-ins: plain Lambda functions that do not depend on AlertResponder. Their roles
# contain only the rights that they need themselves, and none for being called.

locals {
  plugins = {
    pager = {
      description = "Emitter: publishes a report on a topic."
      settings    = { TOPIC_ARN = aws_sns_topic.pages.arn }
      statements = [{
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = aws_sns_topic.pages.arn
      }]
    }
    policy = {
      description = "Reviewer: rates a report by its findings and the detector's severity."
      settings    = {}
      statements  = []
    }
    whois = {
      description = "Inspector: looks up the owner of an address or a domain."
      settings    = {}
      statements  = []
    }
  }
  plugin_keys = ["pager", "policy", "whois"]

  # Contains the files in plugins/; `make package` writes it.
  plugin_package = "${path.module}/plugins.zip"
}

resource "aws_lambda_function" "plugins" {
  for_each = local.plugins

  function_name    = "secops-plugin-${each.key}"
  description      = each.value.description
  role             = aws_iam_role.plugins[each.key].arn
  runtime          = "python3.12"
  architectures    = ["arm64"]
  handler          = "${each.key}.handler"
  filename         = local.plugin_package
  source_code_hash = filebase64sha256(local.plugin_package)
  timeout          = 30
  kms_key_arn      = aws_kms_key.alerts.arn

  environment {
    variables = each.value.settings
  }

  # The roles may not create log groups, and need their policy for the first call.
  depends_on = [
    aws_cloudwatch_log_group.plugins,
    aws_iam_role_policy.plugins,
  ]
}

# The names begin with the installation's name, so that the key's policy covers them.
resource "aws_cloudwatch_log_group" "plugins" {
  for_each = toset(local.plugin_keys)

  name              = "/aws/lambda/secops-plugin-${each.key}"
  kms_key_id        = aws_kms_key.alerts.arn
  retention_in_days = 365
}

resource "aws_iam_role" "plugins" {
  for_each = toset(local.plugin_keys)

  name = "secops-plugin-${each.key}-${var.region}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "plugins" {
  for_each = toset(local.plugin_keys)

  name = each.key
  role = aws_iam_role.plugins[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "${aws_cloudwatch_log_group.plugins[each.key].arn}:*"
        },
        {
          Effect   = "Allow"
          Action   = "kms:Decrypt"
          Resource = aws_kms_key.alerts.arn
        },
      ],
      local.plugins[each.key].statements,
    )
  })
}

resource "aws_sns_topic" "pages" {
  name = "secops-pages"

  # Every function of the account that may publish may use this key.
  kms_master_key_id = "alias/aws/sns"
}
