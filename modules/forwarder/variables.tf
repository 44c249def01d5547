variable "account_id" {
  description = "Account whose findings are forwarded: the one of the provider. 12 digits. The apply fails in any other account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must have 12 digits."
  }
}

variable "alarm_actions" {
  description = "ARNs that are notified when findings could not be forwarded, in the account and region of the rules. At most 5. Empty: the alarm only shows its state."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.alarm_actions) <= 5 && alltrue([for action in var.alarm_actions : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+$", action))])
    error_message = "alarm_actions must contain at most 5 full ARNs."
  }
}

variable "all_updates" {
  description = "Whether every event of sources is forwarded. If false, only findings that are open and new. Choose the same for the central bus: it resolves a finding only if the event that closes it is forwarded."
  type        = bool
  default     = false
  nullable    = false
}

variable "central_bus_arn" {
  description = "ARN of the central event bus in the home account, in any region: the output central_bus_arn of modules/eventbridge-source."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/[.A-Za-z0-9_-]{1,256}$", var.central_bus_arn))
    error_message = "central_bus_arn must be the ARN of an event bus, such as arn:aws:events:eu-west-1:111122223333:event-bus/security-findings."
  }

  validation {
    condition     = try("${split(":", var.central_bus_arn)[4]}/${split(":", var.central_bus_arn)[3]}", "") != "${var.account_id}/${var.region}"
    error_message = "central_bus_arn must be a bus of the home account, or of another region: in the account and region of the central bus, modules/eventbridge-source reads the default bus itself."
  }

  validation {
    condition     = try(split(":", var.central_bus_arn)[1], "") == data.aws_partition.current.partition
    error_message = "central_bus_arn must be in the partition of this account, ${data.aws_partition.current.partition}: EventBridge forwards no events to others."
  }
}

variable "name" {
  description = "Beginning of the names of rules, role, queue and alarm. 1 to 32 lower-case letters, digits and single hyphens."
  type        = string
  default     = "alert-responder"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 32
    error_message = "name must have 1 to 32 lower-case letters, digits and single hyphens."
  }
}

variable "region" {
  description = "Region of the provider, such as eu-west-1. Findings are forwarded from this region; use the module once for each region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must be a region, such as eu-west-1."
  }
}

variable "sources" {
  description = <<-EOT
    Services whose findings are forwarded, at least one. Choose the same for the central bus, which takes no others.
    - `access-analyzer`: External, internal and unused access.
    - `guardduty`: Findings of GuardDuty.
    - `inspector`: Findings of Inspector.
    - `macie`: Findings of Macie.
    - `securityhub`: ASFF findings of Security Hub, and its custom actions.
    - `securityhub-v2`: OCSF findings of Security Hub.
  EOT
  type        = set(string)
  default     = ["guardduty"]
  nullable    = false

  validation {
    condition     = length(var.sources) >= 1 && length(setsubtract(var.sources, ["access-analyzer", "guardduty", "inspector", "macie", "securityhub", "securityhub-v2"])) == 0
    error_message = "sources must contain at least one of access-analyzer, guardduty, inspector, macie, securityhub and securityhub-v2, and nothing else."
  }
}
