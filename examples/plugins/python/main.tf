# An installation, and one inspector attached to it. Whoever has an installation takes the module
# "networks" and what is below it.

provider "aws" {}

module "alert_responder" {
  source = "../../.."
  name   = "secops"
}

module "networks" {
  source          = "../../../modules/inspector"
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

  # The log group first, or Lambda makes one that keeps its lines for ever.
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

# Its logs are all that it writes. What an inspector asks in AWS would be allowed here.
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
