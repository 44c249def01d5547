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
  description = "Address of Slack's Web API, such as https://slack-gov.com/api; http:// is taken for this machine alone, for tests. Null: https://slack.com/api."
  type        = string
  default     = null

  validation {
    condition     = var.api_url == null || can(regex("^(https://[A-Za-z0-9.-]+|http://(127\\.0\\.0\\.1|localhost))(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$", var.api_url))
    error_message = "Use an address that begins with https:// for api_url, without credentials and query."
  }
}

variable "channel_id" {
  description = "Id of the channel, such as C0123456789, not its name; the app has to be in it. The secret is a bot's token then. Null: the secret is the address of an incoming webhook, each round is a new message, and nothing can be updated."
  type        = string
  default     = null

  validation {
    condition     = var.channel_id == null || can(regex("^[CGD][A-Z0-9]{6,}$", var.channel_id))
    error_message = "Use the id of a channel for channel_id, such as C0123456789 (in Slack: the channel's details, at the bottom), or null for a webhook."
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
  description = "ARN of a version of the layer with slack_sdk. It has to be given: run make layers in AlertResponder's repository, and publish build/layers/slack-arm64.zip (or that of the other architecture) with aws_lambda_layer_version."
  type        = string
  default     = null

  validation {
    condition     = var.layer_arn != null
    error_message = "Set layer_arn: run make layers in AlertResponder's repository, publish build/layers/slack-<architecture>.zip with aws_lambda_layer_version, and give its ARN."
  }
}

variable "name" {
  description = "Name of the emitter, as reports show it; unique among emitters, 1 to 40 lower-case letters, digits and single hyphens. Under another name it is another emitter, which knows of no message."
  type        = string
  default     = "slack"
  nullable    = false
}

variable "secret_arn" {
  description = "ARN of the secret in Secrets Manager: the token of a bot (xoxb-...) where channel_id is set, else the address of an incoming webhook. A plain string."
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
  description = "Severities it tells of: safe, unclassified, urgent. A report it has told of once it tells of again whatever the severity. Empty: all."
  type        = set(string)
  default     = []
  nullable    = false
}
