# An installation with one inspector. If you already have an installation, copy the
# module "lookalikes" and the resources below it.

provider "aws" {}

module "alert_responder" {
  source = "github.com/alert-responder/terraform-aws-alert-responder"
  name   = "secops"
}

module "lookalikes" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/inspector"
  alert_responder = module.alert_responder.interface
  name            = "lookalikes"
  function_arn    = aws_lambda_function.lookalikes.arn
  attribute_types = ["domain", "email", "url"]
}

resource "aws_lambda_function" "lookalikes" {
  function_name    = "lookalikes"
  role             = aws_iam_role.lookalikes.arn
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "${path.module}/plug_in.zip"
  source_code_hash = filebase64sha256("${path.module}/plug_in.zip")
  timeout          = 30

  environment {
    variables = { DOMAINS = "example.com,example.org" }
  }

  # Without the log group, Lambda would create one that keeps its lines forever.
  depends_on = [aws_cloudwatch_log_group.lookalikes, aws_iam_role_policy.lookalikes]
}

resource "aws_cloudwatch_log_group" "lookalikes" {
  name              = "/aws/lambda/lookalikes"
  retention_in_days = 30
}

resource "aws_iam_role" "lookalikes" {
  name = "lookalikes"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

# It only writes its log. Add the rights for calls of AWS here.
resource "aws_iam_role_policy" "lookalikes" {
  name = "logs"
  role = aws_iam_role.lookalikes.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.lookalikes.arn}:*"
    }]
  })
}
