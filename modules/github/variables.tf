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

variable "base_url" {
  description = "URL of the REST API of a GitHub Enterprise server, such as https://github.example.com/api/v3. http:// is accepted for this machine only, for tests. Null: https://api.github.com."
  type        = string
  default     = null

  validation {
    condition     = var.base_url == null || can(regex("^(https://[A-Za-z0-9.-]+|http://(127\\.0\\.0\\.1|localhost))(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?$", var.base_url))
    error_message = "base_url must be a URL that begins with https://, without credentials or query, such as https://github.example.com/api/v3."
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

variable "label_prefix" {
  description = "Prefix of the labels for severities. At most 38 characters without commas or line breaks. Only these three labels of an issue are changed. Empty: the severity alone."
  type        = string
  default     = "severity: "
  nullable    = false

  validation {
    condition     = length(var.label_prefix) <= 38 && can(regex("^[^,\\n\\r]*$", var.label_prefix))
    error_message = "label_prefix must have at most 38 characters and no commas or line breaks: GitHub accepts 50 with the severity."
  }
}

variable "labels" {
  description = "Labels that the reviewer gives to a report (not labels of the issue): reports with at least one of them get an issue. At most 50, each of 1 to 64 lower-case letters, digits, hyphens and underscores. A report without a rating matches. Empty: all reports."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "name" {
  description = "Name of the emitter in reports. 1 to 40 lower-case letters, digits and single hyphens, unique among emitters. Changing it attaches another emitter, which does not know earlier issues."
  type        = string
  default     = "github"
  nullable    = false
}

variable "repository" {
  description = "Repository in which issues are created, as owner/name. After a change, reports get new issues in the other repository."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,39}/[A-Za-z0-9._-]{1,100}$", var.repository))
    error_message = "repository must be owner/name, such as example/incidents, and not a URL."
  }
}

variable "secret_arn" {
  description = "ARN of the secret in Secrets Manager: a fine-grained token as plain text, or JSON with app_id and private_key (and optionally installation_id) of a GitHub App."
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
  description = "Severities of the reports that get an issue: safe, unclassified, urgent. The issue of a report is updated by each further round whatever the severity, so that it is closed. Empty: all severities."
  type        = set(string)
  default     = []
  nullable    = false
}
