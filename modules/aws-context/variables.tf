variable "activity_hours" {
  description = "How many hours back CloudTrail is asked, as a whole number from 1 to 168. With 0 it is not asked."
  type        = number
  default     = 6
  nullable    = false

  validation {
    condition     = var.activity_hours >= 0 && var.activity_hours <= 168 && floor(var.activity_hours) == var.activity_hours
    error_message = "Use a whole number of hours from 0 to 168 for activity_hours."
  }
}

variable "alert_responder" {
  description = "What the module AlertResponder hands over: its output interface, whole."
  type = object({
    account_id               = string
    kms_key_arn              = string
    lambda_architecture      = string
    layer_arns               = list(string)
    log_retention_days       = number
    name                     = string
    partition                = string
    permissions_boundary_arn = string
    region                   = string
    runner_role_name         = string
    table_name               = string
    tags                     = map(string)
  })
  nullable = false
}

variable "attribute_types" {
  description = "Types of the attributes it looks up: accesskey, arn, instance, ipaddr, username, or some of them."
  type        = set(string)
  default     = ["accesskey", "arn", "instance", "ipaddr", "username"]
  nullable    = false

  validation {
    condition = length(var.attribute_types) > 0 && alltrue([
      for type in var.attribute_types : contains(["accesskey", "arn", "instance", "ipaddr", "username"], type)
    ])
    error_message = "Use accesskey, arn, instance, ipaddr and username, one at least, for attribute_types."
  }
}

variable "cache_seconds" {
  description = "How long an answer is used again for the same attribute in other reports, in whole seconds from 0 (never) to 2,592,000 (30 days). A long time hides what was done meanwhile."
  type        = number
  default     = 300
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

variable "external_id" {
  description = "External id that the trust policies of the roles in role_arns ask for, of 2 to 1,224 letters, digits and characters of +=,.@:/-_. AWS does not hold it for a secret. Null: they ask for none."
  type        = string
  default     = null

  validation {
    condition     = var.external_id == null ? true : can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", var.external_id)) && length(var.external_id) <= 1224
    error_message = "Use 2 to 1224 letters, digits and characters of +=,.@:/-_ for external_id."
  }
}

variable "name" {
  description = "Name of the inspector, as reports show it; unique among inspectors, 1 to 40 lower-case letters, digits and single hyphens."
  type        = string
  default     = "aws-context"
  nullable    = false
}

variable "owner_tags" {
  description = "Keys of tags that say whose something is, in any case, at most 20. Beside them and purpose_tags no tag is shown."
  type        = list(string)
  default     = ["owner", "team", "contact"]
  nullable    = false

  validation {
    condition     = length(var.owner_tags) <= 20 && alltrue([for key in var.owner_tags : length(key) >= 1 && length(key) <= 128])
    error_message = "Use at most 20 keys of 1 to 128 characters for owner_tags."
  }
}

variable "purpose_tags" {
  description = "Keys of tags that say what something is for, in any case, at most 20."
  type        = list(string)
  default     = ["name", "purpose", "service", "application", "environment"]
  nullable    = false

  validation {
    condition     = length(var.purpose_tags) <= 20 && alltrue([for key in var.purpose_tags : length(key) >= 1 && length(key) <= 128])
    error_message = "Use at most 20 keys of 1 to 128 characters for purpose_tags."
  }
}

variable "regions" {
  description = "Regions that are asked, 1 to 30, in this order. What IAM itself did stands in CloudTrail of us-east-1 (us-gov-west-1, cn-north-1). Null: the region AlertResponder is in."
  type        = list(string)
  default     = null

  validation {
    condition = var.regions == null ? true : (
      length(var.regions) >= 1 && length(var.regions) <= 30 && length(distinct(var.regions)) == length(var.regions)
      && alltrue([for region in var.regions : can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]+$", region))])
    )
    error_message = "Use 1 to 30 different regions, such as eu-west-1, for regions, or null."
  }
}

variable "role_arns" {
  description = "ARNs of roles in other accounts that are asked as well, in this order: at most 50, one an account; one in AlertResponder's own is left out, since that account is asked anyway. Each has to trust the function's role (output role_arn) and to allow what reader_policies_json says."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.role_arns) <= 50 && alltrue([for arn in var.role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,576}$", arn))])
    error_message = "Use at most 50 ARNs of roles, such as arn:aws:iam::123456789012:role/alert-responder-reader, for role_arns."
  }

  validation {
    condition     = length(distinct([for arn in var.role_arns : try(split(":", arn)[4], arn)])) == length(var.role_arns)
    error_message = "Use one role an account for role_arns."
  }
}

variable "session_name" {
  description = "Name of the sessions in other accounts, as their CloudTrail shows it: 2 to 64 letters, digits and characters of +=,.@-_."
  type        = string
  default     = "alert-responder"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{2,64}$", var.session_name))
    error_message = "Use 2 to 64 letters, digits and characters of +=,.@-_ for session_name."
  }
}

variable "time_budget_seconds" {
  description = "After so long a lookup asks nothing more and answers what it has, in whole seconds from 5 to 600. Keep it 20 s below AlertResponder's inspection_timeout_seconds, since a call that began in time may still last."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.time_budget_seconds >= 5 && var.time_budget_seconds <= 600 && floor(var.time_budget_seconds) == var.time_budget_seconds
    error_message = "Use a whole number of seconds from 5 to 600 for time_budget_seconds."
  }
}
