# An installation, and one inspector attached to it. Whoever has an installation takes the module
# "blocklist" and what is below it.

provider "aws" {}

module "alert_responder" {
  source = "../../.."
  name   = "secops"
}

module "blocklist" {
  source          = "../../../modules/inspector"
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

  # The log group first, or Lambda makes one that keeps its lines for ever.
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

# Its logs are all that it writes. What an inspector asks in AWS would be allowed here.
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
