variable "alarm_actions" {
  description = "ARNs that are notified when an alarm of the quarantine is raised or ends, such as an SNS topic's, at most 5. Empty: the alarms only show their state."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.alarm_actions) <= 5 && alltrue([for arn in var.alarm_actions : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:", arn))])
    error_message = "Use at most 5 ARNs for alarm_actions."
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
    table_arn                = string
    table_name               = string
    tags                     = map(string)
  })
  nullable = false
}

variable "approval" {
  description = "Whether a person has to approve each containment before it is done."
  type        = bool
  default     = false
  nullable    = false
}

variable "approval_hours" {
  description = "How long a proposal waits to be approved, in whole hours from 1 to 168; afterwards it is not done."
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.approval_hours >= 1 && var.approval_hours <= 168 && floor(var.approval_hours) == var.approval_hours
    error_message = "Use whole hours from 1 to 168 for approval_hours."
  }
}

variable "approver_arn_patterns" {
  description = "Who may approve, as patterns of the ARNs that sts get-caller-identity shows, at most 20 with 1,000 characters together; an asterisk stands for any text. Of this account only. Needed with approval."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.approver_arn_patterns) <= 20 && length(join("", var.approver_arn_patterns)) <= 1000 && alltrue([for arn in var.approver_arn_patterns : can(regex("^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:[ -~]+$", arn))])
    error_message = "Use at most 20 patterns of ARNs of users and sessions for approver_arn_patterns, such as arn:aws:sts::111122223333:assumed-role/security/*."
  }

  validation {
    condition     = length(var.approver_arn_patterns) > 0 || !var.approval
    error_message = "Set approver_arn_patterns: with approval, somebody has to be allowed to approve."
  }
}

variable "contexts" {
  description = "In which contexts of a report an attribute is contained, by kind of action, at most 10 words each. Kinds left out have: access_key, instance and principal subject (whoever did something), address remote."
  type        = map(set(string))
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for kind, words in var.contexts :
      contains(["access_key", "address", "instance", "principal"], kind) && length(words) > 0 && length(words) <= 10 &&
      alltrue([for word in words : can(regex("^[a-z][a-z0-9_-]{0,31}$", word))])
    ])
    error_message = "Use 1 to 10 contexts such as subject, object, remote or local for each of access_key, address, instance and principal in contexts."
  }
}

variable "detectors" {
  description = "Detectors of whose reports something is contained, at most 50 names as alerts carry them. Empty: all. Whoever can put alerts on the stream under such a name can have things contained."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "dry_run" {
  description = "Whether it is only said what would be done. The rights to do it are granted with false alone. Release what is contained before you set it back to true."
  type        = bool
  default     = true
  nullable    = false
}

variable "enabled" {
  description = "Whether it is notified of reports. With false it stays attached, and releases what its time is over for."
  type        = bool
  default     = true
  nullable    = false
}

variable "ip_set_arns" {
  description = "ARNs of the WAF IP sets that addresses are put into, at most 10; an address goes into all of its version. Needed with the action address. Give it sets of its own, whose addresses Terraform ignores."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.ip_set_arns) <= 10 && alltrue([for arn in var.ip_set_arns : can(regex("^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:[0-9]{12}:(regional|global)/ipset/[A-Za-z0-9_-]{1,128}/[A-Za-z0-9-]{1,36}$", arn))])
    error_message = "Use at most 10 ARNs of IP sets of WAFv2 for ip_set_arns."
  }

  validation {
    condition     = length(var.ip_set_arns) > 0 || !contains(var.target_kinds, "address")
    error_message = "Set ip_set_arns: the action address puts addresses there."
  }
}

variable "isolation_security_group_ids" {
  description = "The security group that isolates instances, by the id of their VPC, at most 20. Instances of other VPCs are left alone, and so is everything if the group lets traffic from or to everywhere pass. Needed with the action instance."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.isolation_security_group_ids) <= 20 && alltrue([for vpc, group in var.isolation_security_group_ids : can(regex("^vpc-[0-9a-f]{8,17}$", vpc)) && can(regex("^sg-[0-9a-f]{8,17}$", group))])
    error_message = "Use at most 20 ids of security groups by ids of VPCs for isolation_security_group_ids, such as { vpc-0123456789abcdef0 = \"sg-0123456789abcdef0\" }."
  }

  validation {
    condition     = length(var.isolation_security_group_ids) > 0 || !contains(var.target_kinds, "instance")
    error_message = "Set isolation_security_group_ids: the action instance isolates with them."
  }
}

variable "max_actions_per_hour" {
  description = "Most actions that begin within any hour, in whole numbers from 1 to 100. What is above is refused; a later round of the report tries again."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.max_actions_per_hour >= 1 && var.max_actions_per_hour <= 100 && floor(var.max_actions_per_hour) == var.max_actions_per_hour
    error_message = "Use a whole number from 1 to 100 for max_actions_per_hour."
  }
}

variable "max_depth" {
  description = "How far from an alert an attribute may have been found to be contained, from 0 to 5. 0: it stands in an alert itself; 1: an inspector found it from one that does."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = contains([0, 1, 2, 3, 4, 5], var.max_depth)
    error_message = "Use a whole number from 0 to 5 for max_depth."
  }
}

variable "name" {
  description = "Name of the emitter, as reports show it; unique among emitters, 1 to 40 lower-case letters, digits and single hyphens. Under another name it is another quarantine with a journal of its own: release what is contained before you change it."
  type        = string
  default     = "quarantine"
  nullable    = false
}

variable "protected_arns" {
  description = "ARNs of users, roles and instances that are never contained, at most 30, exactly as AWS gives them, with their path; an asterisk stands for nothing else. A user's ARN protects the user's access keys as well. Names and tags protect nothing: an attacker can choose them. Roles of AlertResponder's own functions and of this quarantine always are protected."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.protected_arns) <= 30 && alltrue([for arn in var.protected_arns : can(regex("^arn:aws[a-z-]*:(iam::[0-9]{12}:(user|role)/[!-)+-~]+|ec2:[a-z0-9-]+:[0-9]{12}:instance/i-[0-9a-f]{8,17})$", arn))])
    error_message = "Use at most 30 ARNs of users, roles and instances for protected_arns, without asterisks, such as arn:aws:iam::111122223333:role/break-glass."
  }

  validation {
    condition     = alltrue([for arn in var.protected_arns : try(split(":", arn)[4] == var.alert_responder.account_id, true)])
    error_message = "Use ARNs of account ${var.alert_responder.account_id} for protected_arns: the quarantine contains nothing of other accounts."
  }

  # Lambda takes 4 KB of environment; refused here and not in the middle of an apply.
  validation {
    condition     = length(jsonencode([var.approver_arn_patterns, var.contexts, var.ip_set_arns, var.isolation_security_group_ids, var.protected_arns, var.protected_networks])) <= 2000
    error_message = "Use fewer or shorter values in approver_arn_patterns, contexts, ip_set_arns, isolation_security_group_ids, protected_arns and protected_networks: together they may have 2,000 characters as JSON, since a function's environment is small."
  }
}

variable "protected_networks" {
  description = "Networks whose addresses are never blocked, in CIDR notation, at most 30, such as those of partners. The installation's internal_networks are protected beside them. Addresses that are not of the public internet never are."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.protected_networks) <= 30 && alltrue([for network in var.protected_networks : can(cidrhost(network, 0))])
    error_message = "Use at most 30 networks in CIDR notation for protected_networks."
  }

  validation {
    condition     = alltrue([for network in var.protected_networks : try(split("/", network)[0] == cidrhost(network, 0), true)])
    error_message = "Write the networks in protected_networks with their first address, such as 192.0.2.0/24."
  }
}

variable "reapply" {
  description = "Whether what somebody else has undone is contained again, within five minutes of it. It counts against max_actions_per_hour. With false an alarm is raised, and a person decides."
  type        = bool
  default     = false
  nullable    = false
}

variable "release_after_hours" {
  description = "After how long what was contained is released by itself, in whole hours from 1 to 8,760. Null: never."
  type        = number
  default     = null

  validation {
    condition     = var.release_after_hours == null ? true : var.release_after_hours >= 1 && var.release_after_hours <= 8760 && floor(var.release_after_hours) == var.release_after_hours
    error_message = "Use whole hours from 1 to 8760, or null, for release_after_hours."
  }
}

variable "severities" {
  description = "Severities of reports of which something is contained: safe, unclassified, urgent; at least one."
  type        = set(string)
  default     = ["urgent"]
  nullable    = false

  validation {
    condition     = length(var.severities) > 0 && alltrue([for severity in var.severities : contains(["safe", "unclassified", "urgent"], severity)])
    error_message = "Use at least one of safe, unclassified and urgent for severities."
  }
}

variable "snapshots" {
  description = "Whether snapshots of all volumes are made before an instance is isolated. With true, an instance of which none can be made is not isolated."
  type        = bool
  default     = true
  nullable    = false
}

variable "target_kinds" {
  description = "Kinds of things that are contained: access_key (deactivated), address (put into WAF IP sets), instance (isolated), principal (a user or role, denied everything). Rights for the others are not granted. Release what is contained before you take one out."
  type        = set(string)
  default     = ["access_key", "principal"]
  nullable    = false

  validation {
    condition     = length(var.target_kinds) > 0 && alltrue([for kind in var.target_kinds : contains(["access_key", "address", "instance", "principal"], kind)])
    error_message = "Use at least one of access_key, address, instance and principal for target_kinds."
  }
}
