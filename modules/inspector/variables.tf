variable "alert_responder" {
  description = "What the module AlertResponder hands over: its output interface, whole."
  type = object({
    region           = string
    runner_role_name = string
    table_name       = string
  })
  nullable = false
}

variable "attribute_types" {
  description = "Types of the attributes it inspects, such as ipaddr, domain, url, username, filehashvalue, json, email, instance, accesskey, arn and account, or of one's own. Empty: all."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.attribute_types) <= 50 && alltrue([for type in var.attribute_types : can(regex("^[a-z0-9_.-]{1,64}$", type))])
    error_message = "Use at most 50 types of 1 to 64 lower-case letters, digits, underscores, dots and hyphens for attribute_types."
  }
}

variable "cache_empty_seconds" {
  description = "How long an answer that nothing is known (outcome empty) is used again for the same attribute in other reports, in whole seconds from 0 (never) to 2,592,000 (30 days). Meanwhile it hides what becomes known."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.cache_empty_seconds >= 0 && var.cache_empty_seconds <= 2592000 && floor(var.cache_empty_seconds) == var.cache_empty_seconds
    error_message = "Use a whole number of seconds from 0 to 2592000 for cache_empty_seconds."
  }
}

variable "cache_seconds" {
  description = "How long an answer that says something is used again for the same attribute in other reports, in whole seconds from 0 (never) to 2,592,000 (30 days)."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.cache_seconds >= 0 && var.cache_seconds <= 2592000 && floor(var.cache_seconds) == var.cache_seconds
    error_message = "Use a whole number of seconds from 0 to 2592000 for cache_seconds."
  }
}

variable "contexts" {
  description = "Contexts an attribute has to have one of, to be inspected: additional, client, file, local, object, remote, server, subject. Empty: whatever its contexts."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for context in var.contexts : contains([
        "additional", "client", "file", "local", "object", "remote", "server", "subject",
      ], context)
    ])
    error_message = "Use additional, client, file, local, object, remote, server and subject for contexts."
  }
}

variable "detectors" {
  description = "Detectors whose alerts it inspects, at most 50 names as alerts carry them. Empty: all."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.detectors) <= 50 && alltrue([for detector in var.detectors : length(detector) >= 1 && length(detector) <= 256])
    error_message = "Use at most 50 names of 1 to 256 characters for detectors."
  }
}

variable "enabled" {
  description = "Whether it is asked. With false it stays attached, with all its settings."
  type        = bool
  default     = true
  nullable    = false
}

variable "external" {
  description = "Declares that it tells a third party what it is asked, and says what it may be told all the same: allow_internal for addresses and domains that are internal, reserved or in internal_networks and internal_domains; allow_identities for what names people or parts of the own estate (username, email, instance, accesskey, arn, account, a user name, an email address, an access key or an instance id in a URL); allow_query for the query and the fragment of URLs, which are cut off otherwise. For json, types of one's own and what is encoded so that nobody can read it, the first two have to be true. What it may not be told is skipped, with the rule in the report. Null: it tells nobody outside and may be told everything."
  type = object({
    allow_identities = optional(bool, false)
    allow_internal   = optional(bool, false)
    allow_query      = optional(bool, false)
  })
  default = null
}

variable "function_arn" {
  description = "ARN of the inspector's Lambda function, or of a version or alias of it; in the same region. In another account, that account has to allow the call as well."
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

variable "max_per_minute" {
  description = "How often it is called in any minute at most, over all reports, a whole number from 1 to 10,000. Reports take turns. What exceeds it waits as long as the report's round has time for inspections; it is then in the report as throttled and made once more in the next round. Null: no quota."
  type        = number
  default     = null

  validation {
    condition     = var.max_per_minute == null ? true : var.max_per_minute >= 1 && var.max_per_minute <= 10000 && floor(var.max_per_minute) == var.max_per_minute
    error_message = "Use a whole number from 1 to 10000, or null, for max_per_minute."
  }
}

variable "name" {
  description = "Name of the inspector, as reports show it; unique among inspectors, 1 to 40 lower-case letters, digits and single hyphens. Under another name it is another inspector."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 40
    error_message = "Use 1 to 40 lower-case letters, digits and single hyphens for name."
  }
}
