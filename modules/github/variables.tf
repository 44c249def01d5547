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

variable "base_url" {
  description = "Address of the REST API of a GitHub Enterprise server, such as https://github.example.com/api/v3; http:// is taken for this machine alone, for tests. Null: https://api.github.com."
  type        = string
  default     = null

  validation {
    condition     = var.base_url == null || can(regex("^(https://[A-Za-z0-9.-]+|http://(127\\.0\\.0\\.1|localhost))(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?$", var.base_url))
    error_message = "Use an address that begins with https:// for base_url, without credentials and query, such as https://github.example.com/api/v3."
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

variable "label_prefix" {
  description = "What stands before the severity in the names of labels, at most 38 characters without commas and ends of lines: of an issue's labels only these three are changed. Empty: the severity alone."
  type        = string
  default     = "severity: "
  nullable    = false

  validation {
    condition     = length(var.label_prefix) <= 38 && can(regex("^[^,\\n\\r]*$", var.label_prefix))
    error_message = "Use at most 38 characters without commas and ends of lines for label_prefix: GitHub takes 50 with the severity."
  }
}

variable "layer_arn" {
  description = "ARN of a version of the layer with PyGithub. It has to be given: run make layers in AlertResponder's repository, and publish build/layers/github-arm64.zip (or that of the other architecture) with aws_lambda_layer_version."
  type        = string
  default     = null

  validation {
    condition     = var.layer_arn != null
    error_message = "Set layer_arn: run make layers in AlertResponder's repository, publish build/layers/github-<architecture>.zip with aws_lambda_layer_version, and give its ARN."
  }
}

variable "name" {
  description = "Name of the emitter, as reports show it; unique among emitters, 1 to 40 lower-case letters, digits and single hyphens. Under another name it is another emitter, which knows of no issue."
  type        = string
  default     = "github"
  nullable    = false
}

variable "repository" {
  description = "Where issues are made, as owner/name. In another repository reports get new issues."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,39}/[A-Za-z0-9._-]{1,100}$", var.repository))
    error_message = "Use owner/name for repository, such as example/incidents; no address."
  }
}

variable "secret_arn" {
  description = "ARN of the secret in Secrets Manager: a fine-grained token as a plain string, or JSON with app_id and private_key (and installation_id) of a GitHub App."
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
  description = "Severities it tells of: safe, unclassified, urgent. A report it has told of once it tells of again whatever the severity, so that its issue is closed. Empty: all."
  type        = set(string)
  default     = []
  nullable    = false
}
