variable "alarm_actions" {
  description = "ARNs that are notified when the policy cannot be applied as a whole and when it can again, usually one SNS topic. At most 5. Empty: the alarm only shows its state."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.alarm_actions) <= 5 && alltrue([for arn in var.alarm_actions : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:", arn))])
    error_message = "alarm_actions must contain at most 5 ARNs."
  }
}

variable "alert_responder" {
  description = "Interface of the AlertResponder installation: the output interface of the root module, as a whole."
  type = object({
    coordinator_role_name    = string
    kms_key_arn              = string
    lambda_architecture      = string
    layer_arns               = list(string)
    log_retention_days       = number
    name                     = string
    permissions_boundary_arn = string
    previous_kms_key_arns    = optional(list(string), [])
    region                   = string
    table_arn                = string
    table_name               = string
    tags                     = map(string)
  })
  nullable = false
}

variable "name" {
  description = "Name of the policy, which is part of the function's name. 1 to 40 lower-case letters, digits and single hyphens."
  type        = string
  default     = "policy"
  nullable    = false

  validation {
    condition     = length(var.name) <= 40 && can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name))
    error_message = "name must have 1 to 40 lower-case letters, digits and single hyphens, such as policy."
  }
}

variable "policy" {
  description = "The policy as docs/policy.md describes it, usually yamldecode(file(\"policy.yaml\")): rules, default, suppressions, and tests, which are for the command line and are not stored. At most 350,000 bytes as JSON. A change is in force at most 30 seconds after it is applied. The plan fails if it is invalid; an expired suppression is a warning."
  type        = any
  nullable    = false

  validation {
    condition     = can(keys(var.policy))
    error_message = "policy must be an object, such as yamldecode(file(\"policy.yaml\")). Its fields are rules, default, suppressions and tests."
  }

  # Bytes: Base64 has four characters for three of them.
  validation {
    condition     = length(base64encode(jsonencode(var.policy))) <= 350000 / 3 * 4
    error_message = "policy must have at most 350000 bytes as JSON, got about ${floor(length(base64encode(jsonencode(var.policy))) * 3 / 4)}: an item of the table holds 400 KB."
  }
}
