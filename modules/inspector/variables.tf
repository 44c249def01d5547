variable "alert_responder" {
  description = "Interface of the AlertResponder installation: the output interface of the root module, as a whole."
  type = object({
    region           = string
    runner_role_name = string
    table_name       = string
  })
  nullable = false
}

variable "attribute_types" {
  description = "Types of the attributes that it inspects: accesskey, account, arn, domain, email, filehashvalue, instance, ipaddr, json, url, username, or your own types. At most 50. Empty: all types."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.attribute_types) <= 50 && alltrue([for type in var.attribute_types : can(regex("^[a-z0-9_.-]{1,64}$", type))])
    error_message = "attribute_types must contain at most 50 types of 1 to 64 lower-case letters, digits, underscores, dots and hyphens."
  }
}

variable "batch_size" {
  description = "Maximum number of lookups in one call. A whole number from 1 to 100. With more than 1 the function receives `{\"tasks\": [...]}`, lookups of one report and round, and returns `{\"answers\": {task id: answer}}`; a call counts once against max_inspections_per_report and the quotas. 1: each lookup is a call, and the function receives a single task."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 100 && floor(var.batch_size) == var.batch_size
    error_message = "batch_size must be a whole number from 1 to 100."
  }
}

variable "batch_types" {
  description = "Attribute types that are looked up in batches, if batch_size is more than 1; other types are looked up one by one, as single tasks. 1 to 50 types, of attribute_types unless that is empty. Null: all types that it inspects."
  type        = set(string)
  default     = null

  validation {
    condition     = var.batch_types == null ? true : length(var.batch_types) >= 1 && length(var.batch_types) <= 50 && alltrue([for type in var.batch_types : can(regex("^[a-z0-9_.-]{1,64}$", type))])
    error_message = "batch_types must be null or contain 1 to 50 types of 1 to 64 lower-case letters, digits, underscores, dots and hyphens."
  }

  validation {
    condition     = var.batch_types == null ? true : length(var.attribute_types) == 0 || length(setsubtract(var.batch_types, var.attribute_types)) == 0
    error_message = "batch_types must contain only types that attribute_types contains, because other types are not looked up."
  }
}

variable "cache_empty_seconds" {
  description = "Time that an answer with the outcome `empty` is reused for the same attribute in other reports. A whole number of seconds from 0 (never) to 2,592,000 (30 days). Information that appears in that time is missed."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.cache_empty_seconds >= 0 && var.cache_empty_seconds <= 2592000 && floor(var.cache_empty_seconds) == var.cache_empty_seconds
    error_message = "cache_empty_seconds must be a whole number of seconds from 0 to 2592000."
  }
}

variable "cache_seconds" {
  description = "Time that an answer with findings is reused for the same attribute in other reports. A whole number of seconds from 0 (never) to 2,592,000 (30 days)."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.cache_seconds >= 0 && var.cache_seconds <= 2592000 && floor(var.cache_seconds) == var.cache_seconds
    error_message = "cache_seconds must be a whole number of seconds from 0 to 2592000."
  }
}

variable "contexts" {
  description = "Contexts of which an attribute must have at least one: additional, client, file, local, object, remote, server or subject. Empty: attributes with any contexts."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for context in var.contexts : contains([
        "additional", "client", "file", "local", "object", "remote", "server", "subject",
      ], context)
    ])
    error_message = "contexts must contain only additional, client, file, local, object, remote, server and subject."
  }
}

variable "detectors" {
  description = "Detectors whose alerts it inspects, by the names in the alerts. At most 50. Empty: all detectors."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.detectors) <= 50 && alltrue([for detector in var.detectors : length(detector) >= 1 && length(detector) <= 256])
    error_message = "detectors must contain at most 50 names of 1 to 256 characters."
  }
}

variable "enabled" {
  description = "Whether the inspector is called. Set to false to keep it attached with all its settings, but not to call it."
  type        = bool
  default     = true
  nullable    = false
}

variable "external" {
  description = <<-EOT
    Declares that the inspector sends the values it looks up to a third party, and lists the data that it may receive nevertheless. Lookups of other data are skipped, and the report shows the rule.
    - `allow_identities`: Attributes that identify people or parts of your estate: username, email, instance, accesskey, arn and account, and URLs that contain a user name, an email address, an access key or an instance id.
    - `allow_internal`: Addresses and domains that are internal, reserved, or in internal_networks and internal_domains.
    - `allow_query`: URLs with their query and fragment, which are removed otherwise.
    Attributes of type json, of your own types, and values with an unknown encoding need both allow_identities and allow_internal. Null: the inspector is not external and receives all data.
  EOT
  type = object({
    allow_identities = optional(bool, false)
    allow_internal   = optional(bool, false)
    allow_query      = optional(bool, false)
  })
  default = null
}

variable "function_arn" {
  description = "ARN of the inspector's Lambda function, or of a version or alias of it. It must be in the same region. If it is in another account, that account must allow the call as well."
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

variable "max_per_day" {
  description = "Maximum number of calls in a day (UTC), for all reports together. A whole number from 1 to 10,000,000. Further lookups are recorded as `throttled`, and repeated once in the report's next round; those of the next day are made. Null: no quota."
  type        = number
  default     = null

  validation {
    condition     = var.max_per_day == null ? true : var.max_per_day >= 1 && var.max_per_day <= 10000000 && floor(var.max_per_day) == var.max_per_day
    error_message = "max_per_day must be null or a whole number from 1 to 10000000."
  }
}

variable "max_per_minute" {
  description = "Maximum number of calls in any minute, for all reports together. A whole number from 1 to 10,000. Reports take turns. Further lookups wait while the report's round has time for inspections; after that they are recorded as `throttled`, and repeated once in the next round. Null: no quota."
  type        = number
  default     = null

  validation {
    condition     = var.max_per_minute == null ? true : var.max_per_minute >= 1 && var.max_per_minute <= 10000 && floor(var.max_per_minute) == var.max_per_minute
    error_message = "max_per_minute must be null or a whole number from 1 to 10000."
  }
}

variable "name" {
  description = "Name of the inspector in reports. 1 to 40 lower-case letters, digits and single hyphens, unique among inspectors. Changing it attaches another inspector."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 40
    error_message = "name must have 1 to 40 lower-case letters, digits and single hyphens."
  }
}

variable "per_account" {
  description = "Whether answers depend on the account of the alert (`alert.account` in a task). If true, an answer is only reused for alerts about the same account. If false, it is reused for the attribute in all alerts."
  type        = bool
  default     = false
  nullable    = false
}
