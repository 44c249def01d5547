variable "alert_responder" {
  description = "What the module AlertResponder hands over: its output interface, whole."
  type = object({
    kms_key_arn              = string
    lambda_architecture      = string
    layer_arns               = list(string)
    log_retention_days       = number
    name                     = string
    permissions_boundary_arn = string
    region                   = string
    runner_role_name         = string
    table_arn                = string
    table_name               = string
    tags                     = map(string)
  })
  nullable = false
}

variable "api_url" {
  description = "Address of PagerDuty's Events API: https://events.eu.pagerduty.com for accounts in its EU region; http:// is taken for this machine alone, for tests. Null: https://events.pagerduty.com."
  type        = string
  default     = null

  validation {
    condition     = var.api_url == null || can(regex("^(https://[A-Za-z0-9.-]+|http://(127\\.0\\.0\\.1|localhost))(:[0-9]+)?$", var.api_url))
    error_message = "Use an address that begins with https:// for api_url, without credentials and path."
  }
}

variable "detectors" {
  description = "Detectors whose reports it tells of, at most 50 names as alerts carry them. Empty: all."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "enabled" {
  description = "Whether it tells. With false it stays attached, with all its settings."
  type        = bool
  default     = true
  nullable    = false
}

variable "layer_arn" {
  description = "ARN of a version of the layer with PagerDuty's client. It has to be given: run make layers in AlertResponder's repository, and publish build/layers/pagerduty-arm64.zip (or that of the other architecture) with aws_lambda_layer_version."
  type        = string
  default     = null

  validation {
    condition     = var.layer_arn != null
    error_message = "Set layer_arn: run make layers in AlertResponder's repository, publish build/layers/pagerduty-<architecture>.zip with aws_lambda_layer_version, and give its ARN."
  }
}

variable "name" {
  description = "Name of the emitter, as reports show it; unique among emitters, 1 to 40 lower-case letters, digits and single hyphens. Under another name it is another emitter, which knows of no incident."
  type        = string
  default     = "pagerduty"
  nullable    = false
}

variable "pagerduty_severities" {
  description = "PagerDuty's severity (critical, error, warning or info) for each of AlertResponder's."
  type = object({
    safe         = optional(string, "info")
    unclassified = optional(string, "warning")
    urgent       = optional(string, "critical")
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for theirs in values(var.pagerduty_severities) : theirs == null ? false : contains(["critical", "error", "warning", "info"], theirs)])
    error_message = "Use critical, error, warning and info for pagerduty_severities."
  }
}

variable "secret_arn" {
  description = "ARN of the secret in Secrets Manager: the routing key (also called integration key, 32 letters and digits) of an Events API v2 integration. A plain string."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+$", var.secret_arn))
    error_message = "Use the ARN of a secret in Secrets Manager for secret_arn."
  }
}

variable "secret_kms_key_arn" {
  description = "ARN of the KMS key the secret is encrypted with. Null: the key AWS manages for secrets."
  type        = string
  default     = null
}

variable "severities" {
  description = "Severities that open an incident: safe, unclassified, urgent; at least one. An open incident is updated by every later round, and resolved by a safe one unless safe is among these."
  type        = set(string)
  default     = ["urgent"]
  nullable    = false

  validation {
    condition     = length(var.severities) >= 1 && alltrue([for severity in var.severities : contains(["safe", "unclassified", "urgent"], severity)])
    error_message = "Use at least one of safe, unclassified and urgent for severities."
  }
}
