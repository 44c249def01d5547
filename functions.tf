# The functions of AlertResponder: their code, their layers and their log groups.

locals {
  # AWS publishes Powertools with pydantic as a layer: in one account for these regions
  # of the aws partition, in another account for each region of other partitions:
  # https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/
  # The versions are pinned, so that the same code makes the same plan.
  powertools_regions = [
    "af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7",
    "ca-central-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1",
    "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
  ]
  powertools_layers = merge({
    for region in local.powertools_regions : region => { account_id = "017000801446", version = 37 }
    }, {
    cn-north-1    = { account_id = "498634801083", version = 37 }
    us-gov-east-1 = { account_id = "165087284144", version = 27 }
    us-gov-west-1 = { account_id = "165093116878", version = 27 }
  })
  powertools_layer = lookup(local.powertools_layers, local.region, null)
  powertools_layer_arns = local.powertools_layer == null ? [] : [join(":", [
    "arn", local.partition, "lambda", local.region,
    local.powertools_layer.account_id, "layer",
    "AWSLambdaPowertoolsPythonV3-python312-${var.lambda_architecture}",
    local.powertools_layer.version,
  ])]
  layer_arns = (
    var.lambda_layer_arns == null
    ? local.powertools_layer_arns
    : var.lambda_layer_arns
  )

  # The zip is tracked in git, so that Terraform can apply this module from its git
  # address without a build.
  package_filename = (
    var.lambda_package.s3_bucket != null
    ? null
    : coalesce(var.lambda_package.filename, "${path.module}/dist/alert_responder.zip")
  )
  package_is_there = local.package_filename == null ? true : fileexists(local.package_filename)
  package_hash = (
    local.package_filename != null && local.package_is_there
    ? filebase64sha256(local.package_filename)
    : null
  )
}

resource "aws_cloudwatch_log_group" "functions" {
  for_each = toset(local.function_keys)

  name              = "/aws/lambda/${var.name}-${each.key}"
  kms_key_id        = var.kms_key == null ? null : var.kms_key.arn
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_lambda_function" "functions" {
  for_each = local.functions

  function_name = "${var.name}-${each.key}"
  description   = each.value.description
  role          = aws_iam_role.functions[each.key].arn
  tags          = var.tags

  runtime       = "python3.12"
  architectures = [var.lambda_architecture]
  handler       = "alert_responder.handlers.${each.key}.handler"
  layers        = local.layer_arns

  filename          = local.package_filename
  s3_bucket         = var.lambda_package.s3_bucket
  s3_key            = var.lambda_package.s3_key
  s3_object_version = var.lambda_package.s3_object_version
  source_code_hash  = local.package_hash

  kms_key_arn                    = var.kms_key == null ? null : var.kms_key.arn
  memory_size                    = 1024
  reserved_concurrent_executions = each.value.reserved_concurrency
  timeout                        = each.value.timeout_seconds

  # Lambda's own lines are JSON as well. Powertools also takes its level from here.
  logging_config {
    log_format            = "JSON"
    application_log_level = "INFO"
  }

  environment {
    # Without PYDANTIC_DISABLE_PLUGINS, pydantic searches all installed packages for
    # plugins before it builds its first model.
    variables = merge(each.value.settings, {
      ALERT_RESPONDER_VERSION      = local.version
      ARCHIVE_BUCKET               = aws_s3_bucket.archive.id
      INSTALLATION                 = var.name
      POWERTOOLS_METRICS_NAMESPACE = local.metric_namespace
      POWERTOOLS_SERVICE_NAME      = each.key
      PYDANTIC_DISABLE_PLUGINS     = "__all__"
      REPORT_RETENTION_DAYS        = var.report_retention_days
      TABLE_NAME                   = aws_dynamodb_table.reports.name
    })
  }

  # The log group first: Lambda would try to create one, which the roles forbid, and
  # the first lines would be lost. The role's policy first: the function may be called
  # at once, and Lambda refuses a function with a KMS key until its role may use the
  # key. The formats first: the receptor reads them once for each of their versions.
  depends_on = [
    aws_cloudwatch_log_group.functions,
    aws_dynamodb_table_item.formats,
    aws_iam_role_policy.functions,
  ]

  lifecycle {
    precondition {
      condition     = local.package_is_there
      error_message = "There is no file ${coalesce(local.package_filename, "-")} for lambda_package. Run `make package`, or set lambda_package to the location of the zip."
    }

    precondition {
      condition     = var.lambda_layer_arns != null || local.powertools_layer != null
      error_message = "AWS is not known to publish a Powertools layer in ${local.region} (partition ${local.partition}). Set lambda_layer_arns to your own layer with aws-lambda-powertools and pydantic 2, or to AWS's layer if it exists there by now."
    }
  }
}

# The Python package `alert_responder` as a layer, for ready-made and custom plug-ins.
resource "aws_lambda_layer_version" "kit" {
  layer_name          = "${var.name}-kit"
  description         = "The package alert_responder, for plug-ins in Python."
  compatible_runtimes = ["python3.11", "python3.12", "python3.13"]

  filename         = "${path.module}/dist/kit.zip"
  source_code_hash = filebase64sha256("${path.module}/dist/kit.zip")
}
