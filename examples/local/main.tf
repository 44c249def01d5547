# AlertResponder on an emulated AWS on your machine, with two inspectors in two
# languages, a policy and two emitters. `make up` and `make demo` apply it.

provider "aws" {
  region            = "us-east-1"
  access_key        = "test"
  secret_key        = "test"
  max_retries       = 5
  s3_use_path_style = true

  # The emulator does not offer these.
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {
    cloudwatch    = var.endpoint
    dynamodb      = var.endpoint
    events        = var.endpoint
    iam           = var.endpoint
    kinesis       = var.endpoint
    lambda        = var.endpoint
    logs          = var.endpoint
    s3            = var.endpoint
    sqs           = var.endpoint
    stepfunctions = var.endpoint
    sts           = var.endpoint
  }
}

module "alert_responder" {
  source = "../.."

  name                       = var.name
  aggregation_window_seconds = var.aggregation_window_seconds
  batch_size                 = var.batch_size
  deletion_protection        = false
  inspection_delay_seconds   = var.inspection_delay_seconds
  inspection_timeout_seconds = var.inspection_timeout_seconds
  max_inspections_per_report = var.max_inspections_per_report
  max_new_reports_per_hour   = var.max_new_reports_per_hour
  stream_shard_count         = var.stream_shard_count
  update_interval_seconds    = var.update_interval_seconds

  # On the emulated AWS every running call is a process of some 50 MB: without a limit,
  # a burst of alerts uses up the machine's memory.
  coordinator_reserved_concurrency = var.coordinator_concurrency
  runner_reserved_concurrency      = var.runner_concurrency

  # The emulator's interpreter has the packages that the layer provides on AWS.
  lambda_layer_arns = []
}

module "reputation" {
  source = "../../modules/inspector"

  alert_responder = module.alert_responder.interface
  name            = "reputation"
  function_arn    = aws_lambda_function.plugins["reputation"].arn
  attribute_types = ["domain", "ipaddr"]
}

module "asset" {
  source = "../../modules/inspector"

  alert_responder = module.alert_responder.interface
  name            = "asset"
  function_arn    = aws_lambda_function.plugins["asset"].arn
  attribute_types = ["instance", "ipaddr"]
  contexts        = ["local", "object", "subject"]
}

module "inbox" {
  source = "../../modules/emitter"

  alert_responder = module.alert_responder.interface
  name            = "inbox"
  function_arn    = aws_lambda_function.plugins["inbox"].arn
}

module "pager" {
  source = "../../modules/emitter"

  alert_responder = module.alert_responder.interface
  name            = "pager"
  function_arn    = aws_lambda_function.plugins["pager"].arn
  severities      = ["urgent"]
}
