variable "accounts" {
  description = "Ids of member accounts that may be asked, and that are asked, after the home account and in this order, about what the alert's account does not know. At most 50. Requires member_role_name. Empty: only the home account is asked after the alert's; with organizational_units empty too, every active account of the directory may be the alert's."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.accounts) <= 50 && length(distinct(var.accounts)) == length(var.accounts) && alltrue([for id in var.accounts : can(regex("^[0-9]{12}$", id))])
    error_message = "accounts must contain at most 50 different account ids of 12 digits."
  }

  validation {
    condition     = length(var.accounts) == 0 || var.member_role_name != null
    error_message = "accounts requires member_role_name."
  }
}

variable "activity_hours" {
  description = "Period before the lookup for which CloudTrail events are read. A whole number of hours from 1 to 168. 0: CloudTrail is not read."
  type        = number
  default     = 6
  nullable    = false

  validation {
    condition     = var.activity_hours >= 0 && var.activity_hours <= 168 && floor(var.activity_hours) == var.activity_hours
    error_message = "activity_hours must be a whole number of hours from 0 to 168."
  }
}

variable "alert_responder" {
  description = "Interface of the AlertResponder installation: the output interface of the root module, as a whole."
  type = object({
    account_id               = string
    kms_key_arn              = string
    lambda_architecture      = string
    layer_arns               = list(string)
    log_retention_days       = number
    name                     = string
    partition                = string
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
  description = "Types of the attributes that it looks up: one or more of accesskey, arn, instance, ipaddr and username."
  type        = set(string)
  default     = ["accesskey", "arn", "instance", "ipaddr", "username"]
  nullable    = false

  validation {
    condition = length(var.attribute_types) > 0 && alltrue([
      for type in var.attribute_types : contains(["accesskey", "arn", "instance", "ipaddr", "username"], type)
    ])
    error_message = "attribute_types must contain at least one of accesskey, arn, instance, ipaddr and username, and nothing else."
  }
}

variable "cache_seconds" {
  description = "Time that an answer is reused for the same attribute in other reports. A whole number of seconds from 0 (never) to 2,592,000 (30 days). A long time hides recent changes."
  type        = number
  default     = 300
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

variable "external_id" {
  description = "External id that the trust policies of the roles in other accounts require. 2 to 1,224 letters, digits and characters of +=,.@:/-_. AWS does not treat it as a secret. Required with member_role_name. Null: no external id."
  type        = string
  default     = null

  validation {
    condition     = var.external_id == null ? true : can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", var.external_id)) && length(var.external_id) <= 1224
    error_message = "external_id must have 2 to 1224 letters, digits and characters of +=,.@:/-_."
  }

  validation {
    condition     = var.external_id != null || var.member_role_name == null
    error_message = "external_id is required with member_role_name."
  }
}

variable "max_per_minute" {
  description = "Maximum number of lookups in a minute, for all reports together. A whole number from 1 to 10,000. CloudTrail allows 2 calls of LookupEvents a second in each region of an account, which others in the account use as well; a lookup makes at least one for each region in regions. Null: no limit."
  type        = number
  default     = 20
}

variable "member_role_name" {
  description = "Name of the role in member accounts, such as alert-responder-reader of modules/member: instead of role_arns, the account of each alert is asked with this role, if it is an active account in the directory of modules/organization. 1 to 64 letters, digits and characters of +=,.@-_, without a path. Null: only the accounts of role_arns are asked, all of them about everything."
  type        = string
  default     = null

  validation {
    condition     = var.member_role_name == null ? true : can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.member_role_name))
    error_message = "member_role_name must be null or have 1 to 64 letters, digits and characters of +=,.@-_, without a path."
  }

  validation {
    condition     = var.member_role_name == null || length(var.role_arns) == 0
    error_message = "role_arns must be empty with member_role_name, which replaces it."
  }
}

variable "name" {
  description = "Name of the inspector in reports. 1 to 40 lower-case letters, digits and single hyphens, unique among inspectors."
  type        = string
  default     = "aws-context"
  nullable    = false
}

variable "organizational_units" {
  description = "Paths of organizational units, such as Root/Workloads: the accounts below them may be asked, in addition to those in accounts. Names as modules/organization reads them, where a slash in a name is a hyphen. At most 50. Requires member_role_name. Empty: see accounts."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.organizational_units) <= 50 && alltrue([for path in var.organizational_units : can(regex("^[^/]+(/[^/]+)*$", path)) && length(path) <= 700])
    error_message = "organizational_units must contain at most 50 paths of 1 to 700 characters, such as Root/Workloads, without a slash at their ends."
  }

  validation {
    condition     = !anytrue([for path in var.organizational_units : can(regex("^(ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32})$", path))])
    error_message = "organizational_units must contain paths of names, such as Root/Workloads, not ids, such as ou-abcd-12345678."
  }

  validation {
    condition     = length(var.organizational_units) == 0 || var.member_role_name != null
    error_message = "organizational_units requires member_role_name."
  }
}

variable "owner_tags" {
  description = "Tag keys that name the owner of a resource, compared without case. At most 20. Only the tags in owner_tags and purpose_tags are shown."
  type        = list(string)
  default     = ["owner", "team", "contact"]
  nullable    = false

  validation {
    condition     = length(var.owner_tags) <= 20 && alltrue([for key in var.owner_tags : length(key) >= 1 && length(key) <= 128])
    error_message = "owner_tags must contain at most 20 keys of 1 to 128 characters."
  }
}

variable "purpose_tags" {
  description = "Tag keys that describe the purpose of a resource, compared without case. At most 20."
  type        = list(string)
  default     = ["name", "purpose", "service", "application", "environment"]
  nullable    = false

  validation {
    condition     = length(var.purpose_tags) <= 20 && alltrue([for key in var.purpose_tags : length(key) >= 1 && length(key) <= 128])
    error_message = "purpose_tags must contain at most 20 keys of 1 to 128 characters."
  }
}

variable "regions" {
  description = "Regions that are searched, in this order. 1 to 30. CloudTrail records IAM's own events in us-east-1 (us-gov-west-1, cn-north-1). Null: the region of AlertResponder."
  type        = list(string)
  default     = null

  validation {
    condition = var.regions == null ? true : (
      length(var.regions) >= 1 && length(var.regions) <= 30 && length(distinct(var.regions)) == length(var.regions)
      && alltrue([for region in var.regions : can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]+$", region))])
    )
    error_message = "regions must be null or contain 1 to 30 different regions, such as eu-west-1."
  }
}

variable "role_arns" {
  description = "ARNs of roles in other accounts that are searched as well, in this order. At most 50, one for each account, as far as all settings fit into 4,096 bytes; a role in AlertResponder's own account is ignored, since that account is always searched. Each role must trust the function's role (output role_arn) and needs the policy in the output reader_policies_json. Empty: no other accounts."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.role_arns) <= 50 && alltrue([for arn in var.role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,576}$", arn))])
    error_message = "role_arns must contain at most 50 ARNs of roles, such as arn:aws:iam::123456789012:role/alert-responder-reader."
  }

  validation {
    condition     = length(distinct([for arn in var.role_arns : try(split(":", arn)[4], arn)])) == length(var.role_arns)
    error_message = "role_arns must contain at most one role for each account."
  }
}

variable "session_name" {
  description = "Name of the sessions in other accounts, as their CloudTrail records it. 2 to 64 letters, digits and characters of +=,.@-_."
  type        = string
  default     = "alert-responder"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{2,64}$", var.session_name))
    error_message = "session_name must have 2 to 64 letters, digits and characters of +=,.@-_."
  }
}

variable "time_budget_seconds" {
  description = "Time after which a lookup makes no further calls and returns an incomplete answer. A whole number of seconds from 5 to 600. Keep it 20 s below AlertResponder's inspection_timeout_seconds, since the last call may still take that long."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.time_budget_seconds >= 5 && var.time_budget_seconds <= 600 && floor(var.time_budget_seconds) == var.time_budget_seconds
    error_message = "time_budget_seconds must be a whole number of seconds from 5 to 600."
  }
}
