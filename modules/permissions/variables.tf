variable "account_id" {
  description = "Account in which the statements hold. 12 digits."
  type        = string
  nullable    = false
}

variable "activity" {
  description = "Whether the statements that read include CloudTrail's events."
  type        = bool
  default     = true
  nullable    = false
}

variable "deny_policy_arn" {
  description = "ARN of the policy that is attached to contained users and roles. Null: the statements about principals must not be used."
  type        = string
  default     = null
}

variable "ip_set_arns" {
  description = "ARNs of the WAF IP sets that addresses are added to. Empty: no statements about addresses."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "list_log_groups" {
  description = "Whether the statements that query allow to list log groups, for prefixes of their names."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_group_arns" {
  description = "ARNs of the log groups that are queried, with :* at their end. Empty: no statements that query."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "member_organization_id" {
  description = "Organisation of the member accounts. Null: the one of the account of the function."
  type        = string
  default     = null
}

variable "member_role_name" {
  description = "Name of the role in member accounts that is assumed. Null: no statements that assume roles."
  type        = string
  default     = null
}

variable "partition" {
  description = "Partition of the account, such as aws."
  type        = string
  nullable    = false
}

variable "protected_principal_arns" {
  description = "ARNs of users and roles that are never contained, exactly as AWS shows them. Empty: the statements about principals must not be used."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "reader_account_ids" {
  description = "Further accounts for which there are statements that read. Empty: only account_id."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "region" {
  description = "Region of the functions and instances that are contained. An asterisk: all regions."
  type        = string
  default     = "*"
  nullable    = false
}

variable "snapshots" {
  description = "Whether the statements that change instances include snapshots of their volumes."
  type        = bool
  default     = true
  nullable    = false
}

variable "table_arn" {
  description = "ARN of the table with the directory of accounts. Null: member_role_name must be null."
  type        = string
  default     = null
}

variable "vpc_ids" {
  description = "VPCs whose instances are isolated. Null: all VPCs of the account."
  type        = list(string)
  default     = null
}
