# Which events of EventBridge are findings.

locals {
  # The path of the id in each service's findings: https://docs.aws.amazon.com/eventbridge/latest/ref/
  # None for Security Hub, whose findings are a list: paths with an index are not
  # documented. `open` matches findings that are open and not yet worked on. A
  # field that a finding lacks never excludes it. GuardDuty and Macie send no suppressed
  # or archived findings.
  known = {
    access-analyzer = {
      source         = "aws.access-analyzer"
      detail_types   = ["Access Analyzer Finding", "Internal Access Finding"]
      partition_path = "$.detail.id"
      open           = { detail = { status = [{ exists = false }, "ACTIVE"] } }
    }
    guardduty = {
      source         = "aws.guardduty"
      detail_types   = ["GuardDuty Finding"]
      partition_path = "$.detail.id"
      open           = {}
    }
    inspector = {
      source         = "aws.inspector2"
      detail_types   = ["Inspector2 Finding"]
      partition_path = "$.detail.findingArn"
      open           = { detail = { status = [{ exists = false }, "ACTIVE"] } }
    }
    macie = {
      source         = "aws.macie"
      detail_types   = ["Macie Finding"]
      partition_path = "$.detail.id"
      open           = {}
    }
    securityhub = {
      source         = "aws.securityhub"
      detail_types   = ["Security Hub Findings - Imported", "Security Hub Findings - Custom Action"]
      partition_path = null
      # Custom actions always pass: a person chose the finding.
      open = {
        "$or" = [
          { detail-type = ["Security Hub Findings - Custom Action"] },
          { detail = { findings = {
            RecordState = [{ exists = false }, "ACTIVE"]
            Workflow    = { Status = [{ exists = false }, "NEW"] }
            Compliance  = { Status = [{ exists = false }, { anything-but = ["PASSED"] }] }
          } } },
        ]
      }
    }
    securityhub-v2 = {
      source         = "aws.securityhub"
      detail_types   = ["Findings Imported V2"]
      partition_path = null
      # status_id 1 is New, activity_id 3 is Close, compliance.status_id 1 is Pass.
      open = { detail = { findings = {
        status_id   = [{ exists = false }, 1]
        activity_id = [{ exists = false }, { anything-but = [3] }]
        compliance  = { status_id = [{ exists = false }, { anything-but = [1] }] }
      } } }
    }
    # Also from Access Analyzer, with the id at another path.
    unused-access = {
      source         = "aws.access-analyzer"
      detail_types   = ["Unused Access Finding for IAM entities"]
      partition_path = "$.detail.findingId"
      open           = { detail = { status = [{ exists = false }, "ACTIVE"] } }
    }
  }

  # Unused access comes with access-analyzer, as events of its own.
  chosen = setunion(var.sources, contains(var.sources, "access-analyzer") ? ["unused-access"] : [])
}
