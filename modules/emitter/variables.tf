variable "alert_responder" {
  description = "Interface of the AlertResponder installation: the output interface of the root module, as a whole."
  type = object({
    region           = string
    runner_role_name = string
    table_name       = string
  })
  nullable = false
}

variable "detectors" {
  description = "Detectors whose reports it is notified of, by the names in the alerts. At most 50. Empty: all detectors."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.detectors) <= 50 && alltrue([for detector in var.detectors : length(detector) >= 1 && length(detector) <= 256])
    error_message = "detectors must contain at most 50 names of 1 to 256 characters."
  }
}

variable "enabled" {
  description = "Whether the emitter is notified. Set to false to keep it attached with all its settings, but not to notify it."
  type        = bool
  default     = true
  nullable    = false
}

variable "function_arn" {
  description = "ARN of the emitter's Lambda function, or of a version or alias of it. It must be in the same region. If it is in another account, that account must allow the call as well."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:([A-Za-z0-9_-]{1,128}|[$]LATEST))?$", var.function_arn))
    error_message = "function_arn must be the ARN of a Lambda function, such as arn:aws:lambda:eu-west-1:123456789012:function:lookup, with or without a version or alias. Names and the attribute invoke_arn are not accepted."
  }

  validation {
    condition     = try(split(":", var.function_arn)[3], "") == var.alert_responder.region
    error_message = "function_arn must be in ${var.alert_responder.region}, the region of AlertResponder."
  }
}

variable "labels" {
  description = "Labels that the reviewer gives to a report: the emitter is notified of reports with at least one of them. At most 50, each of 1 to 64 lower-case letters, digits, hyphens and underscores. A report without a rating matches. Empty: all reports."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.labels) <= 50 && alltrue([for label in var.labels : can(regex("^[a-z0-9][a-z0-9_-]{0,63}$", label))])
    error_message = "labels must contain at most 50 labels of 1 to 64 lower-case letters, digits, hyphens and underscores, each beginning with a letter or digit."
  }
}

variable "name" {
  description = "Name of the emitter in reports. 1 to 40 lower-case letters, digits and single hyphens, unique among emitters. Changing it attaches another emitter."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 40
    error_message = "name must have 1 to 40 lower-case letters, digits and single hyphens."
  }
}

variable "severities" {
  description = "Severities of the reports that it is notified of: safe, unclassified, urgent. After its first notification of a report, it is notified of each further round whatever the severity, so that it receives the all-clear. Empty: all severities."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for severity in var.severities : contains(["safe", "unclassified", "urgent"], severity)])
    error_message = "severities must contain only safe, unclassified and urgent."
  }
}
