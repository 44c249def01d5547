# Account and region, derived names, and the settings of the functions. Every other
# file holds one component; templates/workflow.asl.json.tftpl has the order of steps.

data "aws_partition" "current" {}

# Only its `id` has the same name in versions 5 and 6 of the provider.
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id

  # Taken from a resource's ARN, because aws_caller_identity calls AWS while planning.
  account_id = split(":", aws_iam_role.functions["coordinator"].arn)[4]

  # Workflow and coordinator refer to each other. The workflow takes the function's
  # ARN from the resource; the functions get the workflow's ARN composed here, which
  # avoids a cycle.
  workflow_arn = join(":", [
    "arn", local.partition, "states", local.region, local.account_id,
    "stateMachine", var.name,
  ])
  execution_arns = join(":", [
    "arn", local.partition, "states", local.region, local.account_id,
    "execution", var.name, "*",
  ])

  # The version is written in one place, which the command line is built from too.
  version = regex("(?m)^version = \"(.+)\"$", file("${path.module}/pyproject.toml"))[0]

  # Static, for resources that must exist before the functions and their settings.
  function_keys = ["coordinator", "receptor", "runner"]

  # One zip with three handlers: the functions differ only in their settings, which
  # alert_responder/settings.py reads by these names.
  functions = {
    receptor = {
      description          = "Turns batches of the alert stream into reports and starts their rounds."
      timeout_seconds      = 300
      reserved_concurrency = null
      settings = {
        # The services of the home account send what their administrators see: who could
        # forge that could change AlertResponder itself.
        ADMINISTRATOR_ACCOUNTS     = join(",", sort(setunion(var.administrator_accounts, [local.account_id])))
        AGGREGATION_WINDOW_SECONDS = var.aggregation_window_seconds
        FORMATS                    = local.formats_version
        VERIFIED_STREAM_ARN        = lookup(local.stream_arns, "verified", "none")
        WORKFLOW_ARN               = local.workflow_arn

        MAX_NEW_REPORTS_PER_DETECTOR     = coalesce(try(var.max_new_reports_per_hour.per_detector, null), "none")
        MAX_NEW_REPORTS_PER_INSTALLATION = coalesce(try(var.max_new_reports_per_hour.per_installation, null), "none")
      }
    }
    coordinator = {
      description          = "Plans, reviews and closes the rounds of reports, and restarts failed ones."
      timeout_seconds      = 300
      reserved_concurrency = var.coordinator_reserved_concurrency
      settings = {
        INSPECTION_TIMEOUT_SECONDS = var.inspection_timeout_seconds
        MAX_INSPECTION_DEPTH       = var.max_inspection_depth
        MAX_INSPECTIONS_PER_REPORT = var.max_inspections_per_report
        WORKFLOW_ARN               = local.workflow_arn
      }
    }
    runner = {
      description = "Calls inspectors and emitters, and stores their answers."
      # The maximum of Lambda: the runner waits for plug-ins, which may take
      # inspection_timeout_seconds, at most 840.
      timeout_seconds      = 900
      reserved_concurrency = var.runner_reserved_concurrency
      settings = {
        ARCHIVE_CONSOLE_URL        = local.archive_console_url
        INSPECTION_TIMEOUT_SECONDS = var.inspection_timeout_seconds
        REPORT_LINK_TYPE           = local.report_link_type
      }
    }
  }
}
