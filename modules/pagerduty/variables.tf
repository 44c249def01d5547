variable "alert_responder" {
  description = "Interface of the AlertResponder installation: the output interface of the root module, as a whole."
  type = object({
    kms_key_arn              = string
    lambda_architecture      = string
    layer_arns               = list(string)
    log_retention_days       = number
    name                     = string
    permissions_boundary_arn = string
    previous_kms_key_arns    = optional(list(string), [])
    region                   = string
    runner_role_name         = string
    table_arn                = string
    table_name               = string
    tags                     = map(string)
  })
  nullable = false
}

variable "api_url" {
  description = "URL of PagerDuty's Events API. Use https://events.eu.pagerduty.com for accounts in the EU service region; http:// is accepted for this machine only, for tests. Null: https://events.pagerduty.com."
  type        = string
  default     = null

  validation {
    condition     = var.api_url == null || can(regex("^(https://[A-Za-z0-9.-]+|http://(127\\.0\\.0\\.1|localhost))(:[0-9]+)?$", var.api_url))
    error_message = "api_url must be a URL that begins with https://, without credentials or path."
  }
}

variable "detectors" {
  description = "Detectors whose reports it is notified of, by the names in the alerts. At most 50. Empty: all detectors."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "enabled" {
  description = "Whether the emitter is notified. Set to false to keep it attached with all its settings, but not to notify it."
  type        = bool
  default     = true
  nullable    = false
}

variable "labels" {
  description = "Labels that the reviewer gives to a report: reports with at least one of them open an incident. At most 50, each of 1 to 64 lower-case letters, digits, hyphens and underscores. A report without a rating matches. Empty: all reports."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "name" {
  description = "Name of the emitter in reports. 1 to 40 lower-case letters, digits and single hyphens, unique among emitters. Changing it attaches another emitter, which does not know earlier incidents."
  type        = string
  default     = "pagerduty"
  nullable    = false
}

variable "pagerduty_severities" {
  description = <<-EOT
    PagerDuty's severity (critical, error, warning or info) for each severity of a report.
    - `safe`: Severity for safe reports.
    - `unclassified`: Severity for unclassified reports.
    - `urgent`: Severity for urgent reports.
  EOT
  type = object({
    safe         = optional(string, "info")
    unclassified = optional(string, "warning")
    urgent       = optional(string, "critical")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for theirs in values(var.pagerduty_severities) : theirs == null ? false : contains(["critical", "error", "warning", "info"], theirs)])
    error_message = "Values of pagerduty_severities must be critical, error, warning or info."
  }
}

variable "secret_arn" {
  description = "ARN of the secret in Secrets Manager: the routing key (integration key) of an Events API v2 integration, 32 letters and digits as plain text."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+$", var.secret_arn))
    error_message = "secret_arn must be the ARN of a secret in Secrets Manager."
  }
}

variable "secret_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the secret. Null: the key that AWS manages for secrets."
  type        = string
  default     = null
}

variable "severities" {
  description = "Severities of the reports that open an incident: safe, unclassified, urgent. At least one. An open incident is updated by every further round, and resolved when the report becomes safe, unless safe is in this list."
  type        = set(string)
  default     = ["urgent"]
  nullable    = false

  validation {
    condition     = length(var.severities) >= 1 && alltrue([for severity in var.severities : contains(["safe", "unclassified", "urgent"], severity)])
    error_message = "severities must contain at least one of safe, unclassified and urgent, and nothing else."
  }
}
