# An installation with one inspector. If you already have an installation, copy the
# module "networks" and the resources below it.

provider "aws" {}

module "alert_responder" {
  source = "github.com/alert-responder/terraform-aws-alert-responder"
  name   = "secops"
}

module "networks" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/inspector"
  alert_responder = module.alert_responder.interface
  name            = "networks"
  function_arn    = aws_lambda_function.networks.arn
  attribute_types = ["ipaddr"]
}

resource "aws_lambda_function" "networks" {
  function_name    = "networks"
  role             = aws_iam_role.networks.arn
  runtime          = "python3.12"
  handler          = "networks.handler"
  filename         = "${path.module}/plug_in.zip"
  source_code_hash = filebase64sha256("${path.module}/plug_in.zip")
  timeout          = 30

  environment {
    variables = { NETWORKS = jsonencode({ "10.1.0.0/16" = "office", "10.2.0.0/16" = "guests" }) }
  }

  # Without the log group, Lambda would create one that keeps its lines forever.
  depends_on = [aws_cloudwatch_log_group.networks, aws_iam_role_policy.networks]
}

resource "aws_cloudwatch_log_group" "networks" {
  name              = "/aws/lambda/networks"
  retention_in_days = 30
}

resource "aws_iam_role" "networks" {
  name = "networks"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

# It only writes its log. Add the rights for calls of AWS here.
resource "aws_iam_role_policy" "networks" {
  name = "logs"
  role = aws_iam_role.networks.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.networks.arn}:*"
    }]
  })
}
