variable "alarm_actions" {
  description = "ARNs that are notified when an alarm of the quarantine is raised and when it is over, usually one SNS topic. At most 5. Empty: the alarms only show their state."
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
    runner_role_name         = string
    table_arn                = string
    table_name               = string
    tags                     = map(string)
    verified_stream_arn      = optional(string)
  })
  nullable = false
}

variable "allow_unverified_accounts" {
  description = "Whether what alerts claim about their account is enough to act in it, if no alert from the verified stream names the target. If true, anybody who can put records on the stream chooses the account. Requires members."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.allow_unverified_accounts || var.members != null
    error_message = "allow_unverified_accounts requires members."
  }

  validation {
    condition     = var.members == null || var.allow_unverified_accounts || var.alert_responder.verified_stream_arn != null
    error_message = "members requires verified_stream = true in the installation: without a verified stream nothing would be contained in member accounts, unless allow_unverified_accounts is true."
  }
}

variable "approval" {
  description = "Whether a person must approve each containment before it is carried out."
  type        = bool
  default     = false
  nullable    = false
}

variable "approval_hours" {
  description = "Time that a proposal waits for approval. A whole number of hours from 1 to 168. After that it expires."
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.approval_hours >= 1 && var.approval_hours <= 168 && floor(var.approval_hours) == var.approval_hours
    error_message = "approval_hours must be a whole number of hours from 1 to 168."
  }
}

variable "approver_arn_patterns" {
  description = "ARN patterns of the principals that may approve, as sts get-caller-identity shows them; an asterisk stands for any text. At most 20 with 1,000 characters together, of this account only. Required if approval is true."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.approver_arn_patterns) <= 20 && length(join("", var.approver_arn_patterns)) <= 1000 && alltrue([for arn in var.approver_arn_patterns : can(regex("^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:[ -~]+$", arn))])
    error_message = "approver_arn_patterns must contain at most 20 ARN patterns of users and sessions, such as arn:aws:sts::111122223333:assumed-role/security/*, with 1,000 characters together."
  }

  validation {
    condition     = alltrue([for arn in var.approver_arn_patterns : try(split(":", arn)[4], "") == var.alert_responder.account_id])
    error_message = "approver_arn_patterns must be in account ${var.alert_responder.account_id}: the quarantine accepts approvers of its own account only."
  }

  validation {
    condition     = length(var.approver_arn_patterns) > 0 || !var.approval
    error_message = "approver_arn_patterns must not be empty when approval is true."
  }
}

variable "contexts" {
  description = "Contexts in which an attribute is contained, by kind of target, at most 10 for each kind. Defaults of kinds that are left out: subject (the actor) for access_key, function, instance and principal, remote for address, object (the affected resource) for bucket."
  type        = map(set(string))
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for kind, words in var.contexts :
      contains(["access_key", "address", "bucket", "function", "instance", "principal"], kind) && length(words) > 0 && length(words) <= 10 &&
      alltrue([for word in words : can(regex("^[a-z][a-z0-9_-]{0,31}$", word))])
    ])
    error_message = "contexts must map access_key, address, bucket, function, instance or principal to 1 to 10 contexts, such as subject, object, remote or local."
  }
}

variable "detectors" {
  description = "Detectors whose reports lead to containment, by the names in the alerts. At most 50. Anybody who can put alerts under such a name on the stream can trigger a containment. Empty: all detectors."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "dry_run" {
  description = "Whether the quarantine only records planned containments. Only false grants the rights to act. Release everything that is contained before you set it back to true."
  type        = bool
  default     = true
  nullable    = false
}

variable "enabled" {
  description = "Whether the quarantine is notified of reports. If false it stays attached, and still releases targets when their time is over."
  type        = bool
  default     = true
  nullable    = false
}

variable "ip_set_arns" {
  description = "ARNs of the WAF IP sets that addresses are added to; an address is added to all sets of its IP version. At most 10. Required if target_kinds contains address. Use dedicated sets whose addresses Terraform ignores."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.ip_set_arns) <= 10 && alltrue([for arn in var.ip_set_arns : can(regex("^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:[0-9]{12}:(regional|global)/ipset/[A-Za-z0-9_-]{1,128}/[A-Za-z0-9-]{1,36}$", arn))])
    error_message = "ip_set_arns must contain at most 10 ARNs of WAFv2 IP sets."
  }

  validation {
    condition     = length(var.ip_set_arns) > 0 || !contains(var.target_kinds, "address")
    error_message = "ip_set_arns must not be empty when target_kinds contains address."
  }
}

variable "isolation_security_group_ids" {
  description = "Security groups that isolate instances, by VPC id. At most 20. Instances in other VPCs are not isolated, and none is if the group allows traffic from or to everywhere. Required if target_kinds contains instance."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.isolation_security_group_ids) <= 20 && alltrue([for vpc, group in var.isolation_security_group_ids : can(regex("^vpc-[0-9a-f]{8,17}$", vpc)) && can(regex("^sg-[0-9a-f]{8,17}$", group))])
    error_message = "isolation_security_group_ids must map at most 20 VPC ids to security group ids, such as { vpc-0123456789abcdef0 = \"sg-0123456789abcdef0\" }."
  }

  validation {
    condition     = length(var.isolation_security_group_ids) > 0 || var.isolation_security_group_name != null || !contains(var.target_kinds, "instance")
    error_message = "isolation_security_group_ids must not be empty when target_kinds contains instance, unless isolation_security_group_name is set."
  }
}

variable "isolation_security_group_name" {
  description = "Name of the security group that isolates instances in VPCs of member accounts that isolation_security_group_ids does not list. 1 to 255 characters. An instance is not isolated if its VPC has no such group, or if the group has any rule. Requires members. Null: only the VPCs that are listed."
  type        = string
  default     = null

  validation {
    condition     = var.isolation_security_group_name == null ? true : can(regex("^[A-Za-z0-9 ._:/()#,@+=&;{}!$*\\[\\]-]{1,255}$", var.isolation_security_group_name)) && !startswith(var.isolation_security_group_name, "sg-")
    error_message = "isolation_security_group_name must have 1 to 255 characters that AWS allows in names of security groups, and must not begin with sg-."
  }

  validation {
    condition     = var.isolation_security_group_name == null || var.members != null
    error_message = "isolation_security_group_name requires members."
  }
}

variable "labels" {
  description = "Labels that the reviewer gives to a report: reports with at least one of them lead to containment. At most 50, each of 1 to 64 lower-case letters, digits, hyphens and underscores. Unlike other emitters, it does not act on a report without a rating. Empty: all reports."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "max_actions_per_hour" {
  description = "Maximum number of actions that begin within any hour. A whole number from 1 to 100. Further actions are refused; a later round of the report tries again."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.max_actions_per_hour >= 1 && var.max_actions_per_hour <= 100 && floor(var.max_actions_per_hour) == var.max_actions_per_hour
    error_message = "max_actions_per_hour must be a whole number from 1 to 100."
  }
}

variable "max_actions_per_hour_in_account" {
  description = "Maximum number of actions that begin in one account within any hour. A whole number from 1 to max_actions_per_hour. Null: max_actions_per_hour."
  type        = number
  default     = null

  validation {
    condition     = var.max_actions_per_hour_in_account == null ? true : var.max_actions_per_hour_in_account >= 1 && var.max_actions_per_hour_in_account <= 100 && floor(var.max_actions_per_hour_in_account) == var.max_actions_per_hour_in_account
    error_message = "max_actions_per_hour_in_account must be null or a whole number from 1 to 100."
  }

  validation {
    condition     = var.max_actions_per_hour_in_account == null ? true : var.max_actions_per_hour_in_account <= var.max_actions_per_hour
    error_message = "max_actions_per_hour_in_account must not be greater than max_actions_per_hour, which limits the actions in all accounts."
  }
}

variable "max_depth" {
  description = "Maximum depth of the attributes that are contained. A whole number from 0 to 5. 0: attributes in an alert itself; 1: attributes that an inspector found from those."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = contains([0, 1, 2, 3, 4, 5], var.max_depth)
    error_message = "max_depth must be a whole number from 0 to 5."
  }
}

variable "members" {
  description = <<-EOT
    Member accounts, in which targets are contained with the roles of modules/member. Requires modules/organization, and a verified stream unless allow_unverified_accounts is true. While it is set, nothing but addresses is contained in the installation's own account. Release everything in member accounts before you remove it. Null: only the installation's own account and region.
    - `name`: Name of modules/member in all accounts.
    - `external_id`: External id of modules/member. 2 to 256 letters, digits and characters of +=,.@:/-_.
    - `organization_id`: Organisation of the accounts, such as o-a1b2c3d4e5. Null: the one of the installation's own account.
  EOT
  type = object({
    name            = string
    external_id     = string
    organization_id = optional(string)
  })
  default = null

  validation {
    condition     = var.members == null ? true : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.members.name)) && length(var.members.name) <= 40
    error_message = "members.name must have 1 to 40 lower-case letters, digits and single hyphens."
  }

  validation {
    condition     = var.members == null ? true : !can(regex("-reader$|-responder-responder$", var.members.name))
    error_message = "members.name must be the name of modules/member, such as alert-responder, not that of a role, to which -reader or -responder is added."
  }

  validation {
    condition     = var.members == null ? true : can(regex("^[A-Za-z0-9_+=,.@:/-]{2,256}$", var.members.external_id))
    error_message = "members.external_id must have 2 to 256 letters, digits and characters of +=,.@:/-_."
  }

  validation {
    condition     = try(var.members.organization_id, null) == null ? true : can(regex("^o-[a-z0-9]{10,32}$", var.members.organization_id))
    error_message = "members.organization_id must be null, or o- and 10 to 32 lower-case letters and digits."
  }
}

variable "name" {
  description = "Name of the emitter in reports. 1 to 40 lower-case letters, digits and single hyphens, unique among emitters. Changing it attaches another quarantine with its own journal: release everything that is contained before you change it."
  type        = string
  default     = "quarantine"
  nullable    = false
}

variable "protected_arns" {
  description = "ARNs of users, roles, instances, buckets and functions that are never contained, exactly as AWS shows them, with their path, and without wildcards or versions. At most 30. A user's ARN also protects the user's access keys. Names and tags protect nothing, because an attacker can choose them. AlertResponder's functions, those of attached plug-ins, and the roles of AlertResponder and of this quarantine are always protected."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.protected_arns) <= 30 && alltrue([for arn in var.protected_arns : can(regex("^arn:aws[a-z-]*:(iam::[0-9]{12}:(user|role)/[!-)+-~]+|ec2:[a-z0-9-]+:[0-9]{12}:instance/i-[0-9a-f]{8,17}|lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}|s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$", arn))])
    error_message = "protected_arns must contain at most 30 ARNs of users, roles, instances, buckets and functions without asterisks, such as arn:aws:iam::111122223333:role/break-glass."
  }

  validation {
    condition     = var.members != null || alltrue([for arn in var.protected_arns : try(contains(["", var.alert_responder.account_id], split(":", arn)[4]), true)])
    error_message = "protected_arns must be in account ${var.alert_responder.account_id}, unless members is set: the quarantine never acts in other accounts."
  }

  validation {
    condition     = alltrue([for arn in var.protected_arns : try(split(":", arn)[1], "") == var.alert_responder.partition])
    error_message = "protected_arns must be in partition ${var.alert_responder.partition}: an ARN of another one would protect nothing."
  }

  # Lambda allows 4 KB of environment variables. Checked here, not during an apply.
  validation {
    condition     = length(jsonencode([var.approver_arn_patterns, var.contexts, var.ip_set_arns, var.isolation_security_group_ids, var.isolation_security_group_name, var.labels, var.members, var.protected_arns, var.protected_networks])) <= 2000
    error_message = "approver_arn_patterns, contexts, ip_set_arns, isolation_security_group_ids, isolation_security_group_name, labels, members, protected_arns and protected_networks are too long: together they may have 2,000 characters as JSON, since a function's environment is small."
  }
}

variable "protected_networks" {
  description = "Networks whose addresses are never blocked, such as those of partners, in CIDR notation. At most 30. The installation's internal_networks and addresses that are not public are always protected."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.protected_networks) <= 30 && alltrue([for network in var.protected_networks : can(cidrhost(network, 0))])
    error_message = "protected_networks must contain at most 30 networks in CIDR notation."
  }

  validation {
    condition     = alltrue([for network in var.protected_networks : try(split("/", network)[0] == cidrhost(network, 0), true)])
    error_message = "protected_networks must name networks by their first address, such as 192.0.2.0/24."
  }
}

variable "reapply" {
  description = "Whether a containment that somebody else has undone is applied again, within five minutes. It counts toward max_actions_per_hour. If false, an alarm is raised and a person decides."
  type        = bool
  default     = false
  nullable    = false
}

variable "release_after_hours" {
  description = "Time after which a contained target is released automatically. A whole number of hours from 1 to 8,760. Null: never."
  type        = number
  default     = null

  validation {
    condition     = var.release_after_hours == null ? true : var.release_after_hours >= 1 && var.release_after_hours <= 8760 && floor(var.release_after_hours) == var.release_after_hours
    error_message = "release_after_hours must be null or a whole number of hours from 1 to 8760."
  }
}

variable "severities" {
  description = "Severities of the reports that lead to containment: one or more of safe, unclassified and urgent."
  type        = set(string)
  default     = ["urgent"]
  nullable    = false

  validation {
    condition     = length(var.severities) > 0 && alltrue([for severity in var.severities : contains(["safe", "unclassified", "urgent"], severity)])
    error_message = "severities must contain at least one of safe, unclassified and urgent, and nothing else."
  }
}

variable "snapshots" {
  description = "Whether snapshots of all volumes are created before an instance is isolated. If true, an instance without snapshots is not isolated."
  type        = bool
  default     = true
  nullable    = false
}

variable "target_kinds" {
  description = <<-EOT
    Kinds of targets that are contained. Rights for other kinds are not granted. Release everything of a kind before you remove it.
    - `access_key`: Deactivated.
    - `address`: Added to WAF IP sets.
    - `bucket`: An S3 bucket; public access is blocked.
    - `function`: A Lambda function; no longer invoked.
    - `instance`: Isolated by a security group.
    - `principal`: A user or role; denied all actions.
  EOT
  type        = set(string)
  default     = ["access_key", "principal"]
  nullable    = false

  validation {
    condition     = length(var.target_kinds) > 0 && alltrue([for kind in var.target_kinds : contains(["access_key", "address", "bucket", "function", "instance", "principal"], kind)])
    error_message = "target_kinds must contain at least one of access_key, address, bucket, function, instance and principal, and nothing else."
  }
}
