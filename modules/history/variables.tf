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

variable "attribute_types" {
  description = "Types of the attributes that it looks up, such as ipaddr, domain and username. Empty: all types."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "contexts" {
  description = "Contexts of which an attribute must have at least one: additional, client, file, local, object, remote, server or subject. Empty: attributes with any contexts."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "detectors" {
  description = "Detectors whose alerts it inspects, by the names in the alerts. At most 50. Empty: all detectors."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "enabled" {
  description = "Whether the inspector is called. Set to false to keep it attached with all its settings, but not to call it."
  type        = bool
  default     = true
  nullable    = false
}

variable "max_reports" {
  description = "Maximum number of reports that a lookup reads and counts, from the newest. A whole number from 10 to 20,000; 1,000 reports take a request and about 75 read units. If there are more, it also reads the oldest, and the answer states that its numbers are minimums."
  type        = number
  default     = 5000
  nullable    = false

  validation {
    condition     = var.max_reports >= 10 && var.max_reports <= 20000 && floor(var.max_reports) == var.max_reports
    error_message = "max_reports must be a whole number from 10 to 20000."
  }
}

variable "name" {
  description = "Name of the inspector in reports. 1 to 40 lower-case letters, digits and single hyphens, unique among inspectors."
  type        = string
  default     = "history"
  nullable    = false
}
