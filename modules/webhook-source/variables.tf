variable "alarm_actions" {
  description = "ARNs that are notified when alerts could not be put on the stream, or requests failed. At most 5. Empty: the alarms only show their state."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.alarm_actions) <= 5 && alltrue([for action in var.alarm_actions : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+$", action))])
    error_message = "alarm_actions must contain at most 5 full ARNs."
  }
}

variable "alert_responder" {
  description = "Interface of the AlertResponder installation: the output interface of the root module, as a whole."
  type = object({
    alert_stream_arn         = string
    kms_key_arn              = string
    lambda_architecture      = string
    layer_arns               = list(string)
    log_retention_days       = number
    name                     = string
    permissions_boundary_arn = string
    previous_kms_key_arns    = optional(list(string), [])
    region                   = string
    tags                     = map(string)
  })
  nullable = false
}

variable "max_requests_per_second" {
  description = "Number of requests per second that are answered; twice as many in a burst. A whole number from 1 to 1000. Further requests are answered with 429."
  type        = number
  default     = 25
  nullable    = false

  validation {
    condition     = var.max_requests_per_second >= 1 && var.max_requests_per_second <= 1000 && floor(var.max_requests_per_second) == var.max_requests_per_second
    error_message = "max_requests_per_second must be a whole number from 1 to 1000."
  }
}

variable "name" {
  description = "Name of the source, unique within the installation. 1 to 20 lower-case letters, digits and single hyphens. It is part of the names of all resources."
  type        = string
  default     = "webhook"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 20
    error_message = "name must have 1 to 20 lower-case letters, digits and single hyphens."
  }
}

variable "reserved_concurrency" {
  description = "Number of requests that the function handles at once, reserved from the concurrency of the account. A whole number from 1 to 1000. Null: no reservation, and only max_requests_per_second limits it."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 1 && var.reserved_concurrency <= 1000 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency must be null or a whole number from 1 to 1000."
  }
}

variable "secret_arn" {
  description = "ARN of the secret in Secrets Manager, at least 16 characters as plain text: senders send it, or sign with it. The current and the previous version are accepted."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+$", var.secret_arn))
    error_message = "secret_arn must be the ARN of a secret in Secrets Manager."
  }
}

variable "secret_header" {
  description = "Further header in which senders may send the secret, such as X-Api-Key. 1 to 64 letters, digits and hyphens. Null: only the headers that the README lists."
  type        = string
  default     = null

  validation {
    condition     = var.secret_header == null ? true : can(regex("^[A-Za-z0-9-]{1,64}$", var.secret_header))
    error_message = "secret_header must be null or have 1 to 64 letters, digits and hyphens."
  }
}

variable "secret_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the secret. Null: the key that AWS manages for secrets."
  type        = string
  default     = null
}
