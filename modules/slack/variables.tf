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
  description = "URL of Slack's Web API, such as https://slack-gov.com/api. http:// is accepted for this machine only, for tests. Null: https://slack.com/api."
  type        = string
  default     = null

  validation {
    condition     = var.api_url == null || can(regex("^(https://[A-Za-z0-9.-]+|http://(127\\.0\\.0\\.1|localhost))(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$", var.api_url))
    error_message = "api_url must be a URL that begins with https://, without credentials or query."
  }
}

variable "channel_id" {
  description = "Id of the channel, such as C0123456789, not its name. The app must be a member of the channel, and the secret must be a bot's token. Null: the secret is the URL of an incoming webhook; each round is a new message, and messages are not updated."
  type        = string
  default     = null

  validation {
    condition     = var.channel_id == null || can(regex("^[CGD][A-Z0-9]{6,}$", var.channel_id))
    error_message = "channel_id must be the id of a channel, such as C0123456789 (at the bottom of the channel's details in Slack), or null for a webhook."
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
  description = "Labels that the reviewer gives to a report: reports with at least one of them are posted. At most 50, each of 1 to 64 lower-case letters, digits, hyphens and underscores. A report without a rating matches. Empty: all reports."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "name" {
  description = "Name of the emitter in reports. 1 to 40 lower-case letters, digits and single hyphens, unique among emitters. Changing it attaches another emitter, which does not know earlier messages."
  type        = string
  default     = "slack"
  nullable    = false
}

variable "secret_arn" {
  description = "ARN of the secret in Secrets Manager, as plain text: a bot's token (xoxb-...) if channel_id is set, otherwise the URL of an incoming webhook."
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
  description = "Severities of the reports that are posted: safe, unclassified, urgent. A posted report is updated by each further round whatever the severity. Empty: all severities."
  type        = set(string)
  default     = []
  nullable    = false
}
