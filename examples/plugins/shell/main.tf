# An installation with one inspector. If you already have an installation, copy the
# module "blocklist" and the resources below it.

provider "aws" {}

module "alert_responder" {
  source = "github.com/alert-responder/terraform-aws-alert-responder"
  name   = "secops"
}

module "blocklist" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/inspector"
  alert_responder = module.alert_responder.interface
  name            = "blocklist"
  function_arn    = aws_lambda_function.blocklist.arn
  attribute_types = ["domain", "ipaddr"]
}

resource "aws_lambda_function" "blocklist" {
  function_name    = "blocklist"
  role             = aws_iam_role.blocklist.arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  filename         = "${path.module}/plug_in.zip"
  source_code_hash = filebase64sha256("${path.module}/plug_in.zip")
  timeout          = 30
  architectures    = ["arm64"]

  # Without the log group, Lambda would create one that keeps its lines forever.
  depends_on = [aws_cloudwatch_log_group.blocklist, aws_iam_role_policy.blocklist]
}

resource "aws_cloudwatch_log_group" "blocklist" {
  name              = "/aws/lambda/blocklist"
  retention_in_days = 30
}

resource "aws_iam_role" "blocklist" {
  name = "blocklist"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

# It only writes its log. Add the rights for calls of AWS here.
resource "aws_iam_role_policy" "blocklist" {
  name = "logs"
  role = aws_iam_role.blocklist.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.blocklist.arn}:*"
    }]
  })
}
