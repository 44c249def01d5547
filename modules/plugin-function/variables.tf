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
    table_arn                = optional(string)
    tags                     = map(string)
  })
  nullable = false
}

variable "description" {
  description = "What the function is for, as its list in the console shows it, at most 256 characters."
  type        = string
  nullable    = false
}

variable "handler" {
  description = "Where the handler is in the package of ready-made plug-ins, such as alert_responder_plugins.slack.handler.handler."
  type        = string
  nullable    = false
}

variable "kind" {
  description = "What kind of function it is: inspector or emitter, or commands for one that people give commands to. It is part of the names of function and role."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["commands", "emitter", "inspector"], var.kind)
    error_message = "Use commands, emitter or inspector for kind."
  }
}

variable "layer_arns" {
  description = "ARNs of the layers the plug-in needs beside those of AlertResponder, at most three."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "memory_mb" {
  description = "Memory of the function in MB, from 128 to 10,240; its processor grows with it."
  type        = number
  default     = 512
  nullable    = false
}

variable "name" {
  description = "Name of the plug-in, as attached."
  type        = string
  nullable    = false
}

variable "secret_arn" {
  description = "ARN of the secret the function may read. Null: none."
  type        = string
  default     = null
}

variable "secret_kms_key_arn" {
  description = "ARN of the KMS key the secret is encrypted with. Null: the key AWS manages for secrets."
  type        = string
  default     = null
}

variable "settings" {
  description = "The function's environment: names of settings and their values, no secrets."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "statements" {
  description = "What the function may do beside writing logs and reading its secret, as statements of its role's policy."
  type        = any
  default     = []
  nullable    = false
}

variable "timeout_seconds" {
  description = "Longest a call may take, in whole seconds from 1 to 900."
  type        = number
  default     = 60
  nullable    = false
}

variable "written_partition" {
  description = "Partition keys of AlertResponder's table that the function may write, with * for any characters; its role is denied to write others, whatever else it may. Null: it writes none."
  type        = string
  default     = null
}
