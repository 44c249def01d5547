variable "accounts" {
  description = <<-EOT
    The accounts by id, 1 to 1,000, instead of those of AWS Organizations, which is then not asked. All of them count as active. Null: all accounts of the organisation are read from AWS Organizations.
    - `name`: Name of the account, at most 100 characters.
    - `unit`: Names of the units above it, joined by slashes, such as Root/Workloads/Prod. At most 773 characters.
    - `owner`: The team or person that owns it, at most 256 characters.
    - `environment`: What it is for, such as production. At most 256 characters.
  EOT
  type = map(object({
    name        = optional(string)
    unit        = optional(string)
    owner       = optional(string)
    environment = optional(string)
  }))
  default = null

  validation {
    condition     = var.accounts == null ? true : length(var.accounts) >= 1 && length(var.accounts) <= 1000 && alltrue([for id, account in var.accounts : can(regex("^[0-9]{12}$", id)) && account != null])
    error_message = "accounts must contain 1 to 1,000 accounts by ids of 12 digits, or be null."
  }

  validation {
    condition = var.accounts == null ? true : alltrue([
      for account in values(var.accounts) : alltrue([
        for field, limit in { name = 100, unit = 773, owner = 256, environment = 256 } :
        try(account[field], null) == null ? true : length(account[field]) >= 1 && length(account[field]) <= limit
      ])
    ])
    error_message = "Texts in accounts must have at least 1 character, and at most 100 in name, 773 in unit, and 256 in owner and environment."
  }

  # DynamoDB allows 400 KB for an item. Base64 has four characters for three bytes.
  validation {
    condition     = length(base64encode(jsonencode(var.accounts))) <= 480000
    error_message = "accounts may have 360,000 bytes as JSON: shorten the texts, or list fewer accounts."
  }
}

variable "alarm_actions" {
  description = "ARNs that are notified when an alarm of the directory is raised and when it is over, usually one SNS topic. At most 5. Empty: the alarms only show their state."
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
    table_arn                = string
    table_name               = string
    tags                     = map(string)
  })
  nullable = false
}

variable "delegated_administrator_accounts" {
  description = "Ids of the accounts that are delegated administrators of a service, if accounts is set: nothing is contained in them. At most 100. Empty: there are none, or AWS Organizations is asked."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.delegated_administrator_accounts) <= 100 && alltrue([for id in var.delegated_administrator_accounts : can(regex("^[0-9]{12}$", id))])
    error_message = "delegated_administrator_accounts must contain at most 100 ids of 12 digits."
  }

  validation {
    condition     = length(var.delegated_administrator_accounts) == 0 || var.accounts != null
    error_message = "delegated_administrator_accounts must be empty unless accounts is set: AWS Organizations knows them."
  }
}

variable "environment_tags" {
  description = "Tag keys that name what an account is for, compared without case; the first one that an account has counts. At most 10. Empty: no environment. With owner_tags empty too, no tags are read."
  type        = list(string)
  default     = ["environment", "env", "stage"]
  nullable    = false

  validation {
    condition     = length(var.environment_tags) <= 10 && alltrue([for key in var.environment_tags : try(length(key) >= 1 && length(key) <= 128, false)])
    error_message = "environment_tags must contain at most 10 keys of 1 to 128 characters."
  }
}

variable "management_account" {
  description = "Id of the organisation's management account, if accounts is set: nothing is contained in it. Null: there is none, or AWS Organizations is asked."
  type        = string
  default     = null

  validation {
    condition     = var.management_account == null ? true : can(regex("^[0-9]{12}$", var.management_account))
    error_message = "management_account must be an id of 12 digits, or null."
  }

  validation {
    condition     = var.management_account == null || var.accounts != null
    error_message = "management_account must be null unless accounts is set: AWS Organizations knows it."
  }
}

variable "organizational_units" {
  description = "Ids of organizational units or of the root, 1 to 50: the directory then has the accounts below them, and the management account, delegated administrators and the home account. Null: all accounts."
  type        = set(string)
  default     = null

  validation {
    condition     = var.organizational_units == null ? true : length(var.organizational_units) >= 1 && length(var.organizational_units) <= 50 && alltrue([for id in var.organizational_units : can(regex("^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$", id))])
    error_message = "organizational_units must contain 1 to 50 ids such as ou-abcd-12345678 or r-abcd, or be null."
  }

  validation {
    condition     = var.organizational_units == null || var.accounts == null
    error_message = "organizational_units must be null if accounts is set, which lists the accounts itself."
  }
}

variable "owner_tags" {
  description = "Tag keys that name the owner of an account, compared without case; the first one that an account has counts. At most 10. Empty: no owner. With environment_tags empty too, no tags are read."
  type        = list(string)
  default     = ["owner", "team", "contact"]
  nullable    = false

  validation {
    condition     = length(var.owner_tags) <= 10 && alltrue([for key in var.owner_tags : try(length(key) >= 1 && length(key) <= 128, false)])
    error_message = "owner_tags must contain at most 10 keys of 1 to 128 characters."
  }
}

variable "refresh_minutes" {
  description = "How often the directory is refreshed. A whole number of minutes from 15 to 360. A directory that is not refreshed for 24 hours is stale."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.refresh_minutes >= 15 && var.refresh_minutes <= 360 && floor(var.refresh_minutes) == var.refresh_minutes
    error_message = "refresh_minutes must be a whole number from 15 to 360."
  }
}
