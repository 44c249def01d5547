variable "alert_responder" {
  description = "What the module AlertResponder hands over: its output interface, whole."
  type = object({
    region           = string
    runner_role_name = string
    table_name       = string
  })
  nullable = false
}

variable "detectors" {
  description = "Detectors whose reports it is told of, at most 50 names as alerts carry them. Empty: all."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.detectors) <= 50 && alltrue([for detector in var.detectors : length(detector) >= 1 && length(detector) <= 256])
    error_message = "Use at most 50 names of 1 to 256 characters for detectors."
  }
}

variable "enabled" {
  description = "Whether it is told. With false it stays attached, with all its settings."
  type        = bool
  default     = true
  nullable    = false
}

variable "function_arn" {
  description = "ARN of the emitter's Lambda function, or of a version or alias of it; in the same region. In another account, that account has to allow the call as well."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:([A-Za-z0-9_-]{1,128}|[$]LATEST))?$", var.function_arn))
    error_message = "Use the ARN of a Lambda function for function_arn, such as arn:aws:lambda:eu-west-1:123456789012:function:lookup, with or without a version or alias; no name and no invoke_arn."
  }

  validation {
    condition     = try(split(":", var.function_arn)[3], "") == var.alert_responder.region
    error_message = "Use a function of ${var.alert_responder.region} for function_arn, the region AlertResponder is in."
  }
}

variable "name" {
  description = "Name of the emitter, as reports show it; unique among emitters, 1 to 40 lower-case letters, digits and single hyphens. Under another name it is another emitter."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 40
    error_message = "Use 1 to 40 lower-case letters, digits and single hyphens for name."
  }
}

variable "severities" {
  description = "Severities it is told of: safe, unclassified, urgent. A report it was told of once it hears of again whatever the severity, so that the all-clear arrives. Empty: all."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for severity in var.severities : contains(["safe", "unclassified", "urgent"], severity)])
    error_message = "Use safe, unclassified and urgent for severities."
  }
}
