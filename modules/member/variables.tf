variable "account_id" {
  description = "Account in which the roles are created: the one of the provider. 12 digits. The apply fails in any other account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must have 12 digits."
  }
}

variable "actions" {
  description = <<-EOT
    Kinds of targets that the quarantine may contain in this account. At least one requires responder_principal_arns. Release everything of a kind before you remove it. Empty: the quarantine may only look.
    - `access_key`: Access keys of users, by deactivating them.
    - `bucket`: S3 buckets, by blocking public access.
    - `function`: Lambda functions, by setting their reserved concurrency to 0.
    - `instance`: Instances, by replacing the security groups of their network interfaces; with snapshots of their volumes.
    - `principal`: Users and roles, by attaching a policy that denies everything.
  EOT
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for kind in var.actions : contains(["access_key", "bucket", "function", "instance", "principal"], kind)])
    error_message = "actions must contain only access_key, bucket, function, instance and principal."
  }

  validation {
    condition     = length(var.actions) == 0 || length(var.responder_principal_arns) > 0
    error_message = "actions requires responder_principal_arns, the roles that may act."
  }
}

variable "external_id" {
  description = "External id that the functions must present, the same as their modules have. 2 to 1,224 letters, digits and characters of +=,.@:/-_. AWS does not treat it as a secret."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", var.external_id)) && length(var.external_id) <= 1224
    error_message = "external_id must have 2 to 1224 letters, digits and characters of +=,.@:/-_."
  }
}

variable "log_group_arns" {
  description = "ARNs of the log groups that the reader may query, as aws logs describe-log-groups shows them, with :* at their end. At most 10. Region and account may be an asterisk, and the name may end with one. Empty: no queries."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.log_group_arns) <= 10 && alltrue([for arn in var.log_group_arns : can(regex("^arn:aws[a-z-]*:logs:([a-z0-9-]+|\\*):([0-9]{12}|\\*):log-group:[A-Za-z0-9_/.#-]{1,512}\\*?:\\*$", arn))])
    error_message = "log_group_arns must contain at most 10 ARNs of log groups with :* at their end, such as arn:aws:logs:*:*:log-group:/aws/vpc/flow-logs:*."
  }
}

variable "name" {
  description = "Beginning of the names of roles and policies. 1 to 40 lower-case letters, digits and single hyphens. It must be the name that AlertResponder's modules expect in all member accounts."
  type        = string
  default     = "alert-responder"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 40
    error_message = "name must have 1 to 40 lower-case letters, digits and single hyphens."
  }
}

variable "organization_id" {
  description = "Id of the organisation in AWS Organizations, such as o-a1b2c3d4e5. Principals of other organisations are refused, even if they are listed."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id must be o- and 10 to 32 lower-case letters and digits, such as o-a1b2c3d4e5."
  }
}

variable "reader_principal_arns" {
  description = "ARNs of the roles that may use the reader: those of the functions that look things up, and of people who use alert-responder accounts. 1 to 10 roles, without wildcards."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.reader_principal_arns) >= 1 && length(var.reader_principal_arns) <= 10 && alltrue([for arn in var.reader_principal_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,576}$", arn))])
    error_message = "reader_principal_arns must contain 1 to 10 ARNs of roles without asterisks, such as arn:aws:iam::111122223333:role/secops-inspector-aws-context-eu-west-1."
  }

  validation {
    condition     = alltrue([for arn in var.reader_principal_arns : try(split(":", arn)[4], "") != var.account_id])
    error_message = "reader_principal_arns must contain roles of the home account, not of account ${var.account_id}, in which the roles are created."
  }

  validation {
    condition     = alltrue([for arn in var.reader_principal_arns : try(split(":", arn)[1], "") == data.aws_partition.current.partition])
    error_message = "reader_principal_arns must contain roles of the partition of this account, ${data.aws_partition.current.partition}: IAM trusts no roles of others."
  }

  # IAM allows 2,048 characters in a trust policy. Checked here, not during an apply.
  validation {
    condition     = length(jsonencode(var.reader_principal_arns)) + length(var.external_id) <= 1750
    error_message = "reader_principal_arns is too long: with external_id it may have 1,750 characters as JSON."
  }
}

variable "responder_principal_arns" {
  description = "ARNs of the roles that may use the responder: those of the quarantine's two functions. At most 10 roles, without wildcards. Empty: no responder is created."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.responder_principal_arns) <= 10 && alltrue([for arn in var.responder_principal_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,576}$", arn))])
    error_message = "responder_principal_arns must contain at most 10 ARNs of roles without asterisks, such as arn:aws:iam::111122223333:role/secops-commands-quarantine-eu-west-1."
  }

  validation {
    condition     = alltrue([for arn in var.responder_principal_arns : try(split(":", arn)[4], "") != var.account_id])
    error_message = "responder_principal_arns must contain roles of the home account, not of account ${var.account_id}, in which the roles are created."
  }

  validation {
    condition     = alltrue([for arn in var.responder_principal_arns : try(split(":", arn)[1], "") == data.aws_partition.current.partition])
    error_message = "responder_principal_arns must contain roles of the partition of this account, ${data.aws_partition.current.partition}: IAM trusts no roles of others."
  }

  validation {
    condition     = length(jsonencode(var.responder_principal_arns)) + length(var.external_id) <= 1750
    error_message = "responder_principal_arns is too long: with external_id it may have 1,750 characters as JSON."
  }
}

variable "tags" {
  description = "Tags of roles and policies, in addition to those that mark the roles as AlertResponder's."
  type        = map(string)
  default     = {}
  nullable    = false
}
