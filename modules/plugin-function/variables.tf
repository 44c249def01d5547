variable "alarm_actions" {
  description = "ARNs that are notified when calls of the function fail for 15 minutes and when they succeed again, usually one SNS topic. At most 5. Empty: the alarm only shows its state. Null: no alarm."
  type        = list(string)
  default     = null

  validation {
    condition     = var.alarm_actions == null ? true : length(var.alarm_actions) <= 5 && alltrue([for arn in var.alarm_actions : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:", arn))])
    error_message = "alarm_actions must contain at most 5 ARNs, or be null."
  }
}

variable "alert_responder" {
  description = "Interface of the AlertResponder installation: the output interface of the root module, as a whole."
  type = object({
    coordinator_role_name    = optional(string)
    kms_key_arn              = string
    lambda_architecture      = string
    layer_arns               = list(string)
    log_retention_days       = number
    name                     = string
    permissions_boundary_arn = string
    previous_kms_key_arns    = optional(list(string), [])
    region                   = string
    runner_role_name         = optional(string)
    table_arn                = optional(string)
    table_name               = optional(string)
    tags                     = map(string)
  })
  nullable = false
}

variable "attachment" {
  description = <<-EOT
    Attachment of the function to the installation. The attributes are the inputs of the module inspector, reviewer or emitter with the same names; attributes of other kinds are ignored. Null: the function is not attached.
    - `attribute_types`, `batch_size`, `batch_types`, `cache_empty_seconds`, `cache_seconds`, `contexts`, `external`, `max_per_day`, `max_per_minute`, `per_account`: For an inspector.
    - `labels`, `severities`: For an emitter.
    - `detectors`, `enabled`: For an inspector or an emitter.
  EOT
  type = object({
    attribute_types     = optional(set(string), [])
    batch_size          = optional(number, 1)
    batch_types         = optional(set(string))
    cache_empty_seconds = optional(number, 0)
    cache_seconds       = optional(number, 0)
    contexts            = optional(set(string), [])
    detectors           = optional(set(string), [])
    enabled             = optional(bool, true)
    external = optional(object({
      allow_identities = optional(bool, false)
      allow_internal   = optional(bool, false)
      allow_query      = optional(bool, false)
    }))
    labels         = optional(set(string), [])
    max_per_day    = optional(number)
    max_per_minute = optional(number)
    per_account    = optional(bool, false)
    severities     = optional(set(string), [])
  })
  default = null

  validation {
    condition     = var.attachment == null || !contains(["commands", "schedule", "source"], var.kind)
    error_message = "attachment must be null for the kinds commands, schedule and source: only inspectors, reviewers and emitters can be attached."
  }
}

variable "description" {
  description = "Description of the function in the Lambda console. At most 256 characters."
  type        = string
  nullable    = false
}

variable "handler" {
  description = "Handler in the package: the file without its suffix, a period, and the function, such as whois.handler."
  type        = string
  nullable    = false
}

variable "kind" {
  description = "Kind of the function: inspector, reviewer, emitter, commands (a function that people give commands to), schedule (a function that only a schedule calls), or source (a function that puts alerts on the stream). It is part of the names of the function and its role."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["commands", "emitter", "inspector", "reviewer", "schedule", "source"], var.kind)
    error_message = "kind must be commands, emitter, inspector, reviewer, schedule or source."
  }
}

variable "layer_arns" {
  description = "ARNs of layers that the plug-in needs in addition to those of AlertResponder. At most three. Empty: no further layers."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "memory_mb" {
  description = "Memory of the function. A number of MB from 128 to 10,240; the processor share grows with it."
  type        = number
  default     = 512
  nullable    = false
}

variable "name" {
  description = "Name under which the plug-in is attached."
  type        = string
  nullable    = false
}

variable "package_file" {
  description = "Path of the zip with the function's files, such as the one that alert-responder package writes. Null: the package of ready-made plug-ins."
  type        = string
  default     = null
}

variable "reserved_concurrency" {
  description = "Number of calls that may run at once, reserved from the concurrency of the account. Null: no reservation and no limit."
  type        = number
  default     = null
}

variable "runtime" {
  description = "Lambda runtime of the function, such as python3.12, nodejs22.x or provided.al2023. Functions in Python also get the layers of AlertResponder."
  type        = string
  default     = "python3.12"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+[a-z0-9.]+$", var.runtime))
    error_message = "runtime must be the identifier of a Lambda runtime, such as python3.12 or nodejs22.x."
  }
}

variable "secret_arn" {
  description = "ARN of the secret that the function may read. Null: no secret."
  type        = string
  default     = null
}

variable "secret_kms_key_arn" {
  description = "ARN of the KMS key that encrypts the secret. Null: the key that AWS manages for secrets."
  type        = string
  default     = null
}

variable "settings" {
  description = "Environment variables of the function. They must not contain secrets."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "statements" {
  description = "Statements of the role's policy, in addition to those for writing logs and reading the secret."
  type        = any
  default     = []
  nullable    = false
}

variable "timeout_seconds" {
  description = "Maximum time of a call. A whole number of seconds from 1 to 900."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number from 1 to 900."
  }
}

variable "written_partition" {
  description = "Partition keys of AlertResponder's table that the function may write; * stands for any characters. The role is denied to write any others, whatever else it allows. Null: the function may write none."
  type        = string
  default     = null
}
