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

variable "attribute_types" {
  description = "Types of the attributes it looks up, such as ipaddr, domain and username. Empty: all."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "contexts" {
  description = "Contexts an attribute has to have one of: additional, client, file, local, object, remote, server, subject. Empty: whatever its contexts."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "detectors" {
  description = "Detectors whose alerts it looks at, at most 50 names as alerts carry them. Empty: all."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "enabled" {
  description = "Whether it is asked. With false it stays attached, with all its settings."
  type        = bool
  default     = true
  nullable    = false
}

variable "max_reports" {
  description = "How many reports a lookup reads and counts, from the newest on, as a whole number from 10 to 20,000; 1,000 take a request and about 75 read units. Where there are more, it reads the oldest as well, and the answer says that its numbers are the least."
  type        = number
  default     = 5000
  nullable    = false

  validation {
    condition     = var.max_reports >= 10 && var.max_reports <= 20000 && floor(var.max_reports) == var.max_reports
    error_message = "Use a whole number from 10 to 20000 for max_reports."
  }
}

variable "name" {
  description = "Name of the inspector, as reports show it; unique among inspectors, 1 to 40 lower-case letters, digits and single hyphens."
  type        = string
  default     = "history"
  nullable    = false
}
