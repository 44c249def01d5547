variable "alert_responder" {
  description = "Interface of the AlertResponder installation: the output interface of the root module, as a whole."
  type = object({
    kms_key_arn              = string
    lambda_architecture      = string
    layer_arns               = list(string)
    log_retention_days       = number
    name                     = string
    permissions_boundary_arn = string
    region                   = string
    table_arn                = optional(string)
    tags                     = map(string)
  })
  nullable = false
}

variable "description" {
  description = "Description of the function in the Lambda console. At most 256 characters."
  type        = string
  nullable    = false
}

variable "handler" {
  description = "Handler in the package of ready-made plug-ins, such as alert_responder_plugins.slack.handler.handler."
  type        = string
  nullable    = false
}

variable "kind" {
  description = "Kind of the function: inspector, emitter, or commands (a function that people give commands to). It is part of the names of the function and its role."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["commands", "emitter", "inspector"], var.kind)
    error_message = "kind must be commands, emitter or inspector."
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
}

variable "written_partition" {
  description = "Partition keys of AlertResponder's table that the function may write; * stands for any characters. The role is denied to write any others, whatever else it allows. Null: the function may write none."
  type        = string
  default     = null
}
