variable "accounts" {
  description = "Ids of member accounts that may be asked: as the alert's, or by an ARN of a log group. At most 50. Requires member_role_name. Empty: with organizational_units empty too, every active account of the directory."
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
  description = "Types of the attributes that the logs are asked about. Null: those that the dialects or columns of sources have, and the attribute_types of queries."
  type        = set(string)
  default     = null

  validation {
    condition     = var.attribute_types == null ? true : length(var.attribute_types) > 0
    error_message = "attribute_types must be null or contain at least one type."
  }

  validation {
    condition = var.attribute_types == null ? true : length(setsubtract(
      flatten([for query in values(var.queries) : query.attribute_types]), var.attribute_types
    )) == 0
    error_message = "attribute_types of queries must be among attribute_types, unless that is null: about other types they are not asked."
  }
}

variable "cache_seconds" {
  description = "Time that an answer is reused for the same attribute in other reports. A whole number of seconds from 0 (never) to 2,592,000 (30 days). A cached answer is about the time around the other report's alert."
  type        = number
  default     = 0
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

variable "hours_after" {
  description = "Time after an alert that is read, if it is not in the future. A whole number of hours from 0 to 168."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.hours_after >= 0 && var.hours_after <= 168 && floor(var.hours_after) == var.hours_after
    error_message = "hours_after must be a whole number of hours from 0 to 168."
  }
}

variable "hours_before" {
  description = "Time before an alert that is read. A whole number of hours from 1 to 336."
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.hours_before >= 1 && var.hours_before <= 336 && floor(var.hours_before) == var.hours_before
    error_message = "hours_before must be a whole number of hours from 1 to 336."
  }
}

variable "max_days" {
  description = "Longest time that one query may read. A whole number of days from 1 to 31. Alerts of one round share a query if their times are at most a day apart and fit into it."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.max_days >= 1 && var.max_days <= 31 && floor(var.max_days) == var.max_days
    error_message = "max_days must be a whole number of days from 1 to 31."
  }

  validation {
    condition     = var.hours_before + var.hours_after <= 24 * var.max_days
    error_message = "max_days must be at least ${ceil((var.hours_before + var.hours_after) / 24)}, since hours_before and hours_after are ${var.hours_before + var.hours_after} hours together."
  }
}

variable "max_gb_per_day" {
  description = "Maximum number of GB (1,000,000,000 bytes) that all queries of the inspector scan in a day (UTC), in all accounts. max_gb_per_query is reserved before each query, and settled by what it scanned. At least 1. Further lookups are recorded as `throttled`."
  type        = number
  nullable    = false

  validation {
    condition     = var.max_gb_per_day >= 1 && var.max_gb_per_day <= 1000000
    error_message = "max_gb_per_day must be a number from 1 to 1000000."
  }
}

variable "max_gb_per_query" {
  description = "Maximum number of GB that one query may scan. Logs Insights has no such limit: the function stops a query that has scanned more, within three seconds. A number from 0.01 to 100,000, at most max_gb_per_day."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.max_gb_per_query >= 0.01 && var.max_gb_per_query <= 100000
    error_message = "max_gb_per_query must be a number from 0.01 to 100000."
  }

  validation {
    condition     = var.max_gb_per_query <= var.max_gb_per_day
    error_message = "max_gb_per_query must be at most max_gb_per_day: a query starts only if the rest of the day allows all of its limit."
  }
}

variable "max_per_minute" {
  description = "Maximum number of calls in a minute, for all reports together. A whole number from 1 to 10,000; a call asks about up to 100 attributes. Null: no limit."
  type        = number
  default     = null
}

variable "member_role_name" {
  description = "Name of the role in member accounts, such as alert-responder-reader of modules/member, instead of role_arns: log groups of other accounts are asked with it, and those whose ARN has an asterisk as account in the account of each alert, if it is an active account in the directory of modules/organization. 1 to 64 letters, digits and characters of +=,.@-_, without a path. Null: only role_arns."
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
  description = "Name of the inspector in reports. 1 to 33 lower-case letters, digits and single hyphens, unique among inspectors."
  type        = string
  default     = "logs-insights"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 33
    error_message = "name must have 1 to 33 lower-case letters, digits and single hyphens."
  }
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

variable "queries" {
  description = <<-EOT
    Custom queries, by name. All settings of the function must fit into 4,096 bytes.
    - `attribute_types`: Types of the attributes that it is asked about.
    - `log_groups`: ARNs of log groups or of prefixes, as in sources.
    - `query`: A query of Logs Insights, whose result has the field value with the attribute's value, and optionally count and fields of an activity. It must use the parameter :values, a list of strings, such as filter user in :values. Log groups and time are not part of it.
  EOT
  type = map(object({
    attribute_types = set(string)
    log_groups      = list(string)
    query           = string
  }))
  default  = {}
  nullable = false

  # Without quoted texts, in which a parameter would be one text.
  validation {
    condition = alltrue([
      for query in values(var.queries) : length(regexall("\\bin :values\\b", replace(query.query, "/'[^']*'|\"[^\"]*\"/", " "))) > 0
      && length(regexall(":values\\b", query.query)) == length(regexall("\\bin :values\\b", replace(query.query, "/'[^']*'|\"[^\"]*\"/", " ")))
      && length(regexall("\\bvalue\\b", query.query)) > 0
    ])
    error_message = "Each query in queries must use :values only after in and outside quotes, such as filter user in :values, and return the field value."
  }

  # Logs Insights itself has no word that begins with a colon; texts and regular expressions may.
  validation {
    condition = alltrue([
      for query in values(var.queries) : length(regexall(
        "(^|[\\s([,=<>]):[A-Za-z_]", replace(replace(query.query, "/'[^']*'|\"[^\"]*\"|[/][^/\n]+[/]/", " "), "/\\bin :values\\b/", " ")
      )) == 0
    ])
    error_message = "The only parameter of each query in queries is :values: the time around the alert is not part of it."
  }

  validation {
    condition     = length(var.queries) <= 20 && alltrue([for name in keys(var.queries) : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", name)) && length(name) <= 40])
    error_message = "queries must contain at most 20 queries, with names of 1 to 40 lower-case letters, digits and single hyphens."
  }

  validation {
    condition = alltrue([
      for query in values(var.queries) : length(regexall("(?i)(^|[|(\\[])\\s*(source|diff|join|unmask)\\b|\\b(logGroups|dataSource)\\s*\\(|#", query.query)) == 0
      && length(query.query) <= 2000
    ])
    error_message = "Each query in queries must have at most 2000 characters, without comments and the commands SOURCE, diff, join and unmask, which read other logs or times."
  }

  validation {
    condition = alltrue([
      for query in values(var.queries) : length(query.attribute_types) > 0 && length(query.log_groups) >= 1 && length(query.log_groups) <= 50
      && alltrue([for arn in query.log_groups : can(regex("^arn:aws[a-z-]*:logs:[a-z0-9-]+:([0-9]{12}|\\*):log-group:[A-Za-z0-9_/.#-]{1,512}\\*?$", arn))])
    ])
    error_message = "Each of queries must have attribute_types, and log_groups of 1 to 50 ARNs of log groups without :* at the end, or of prefixes with an asterisk."
  }
}

variable "role_arns" {
  description = "ARNs of roles in other accounts, with which log groups of their accounts are asked. At most 50, one for each account, as far as all settings fit into 4,096 bytes; a role in AlertResponder's own account is ignored. Each role must trust the function's role (output role_arn) and needs the policy in the output reader_policies_json. Log groups of further accounts are asked from AlertResponder's own account, which must be a monitoring account that they are linked to. Empty: no roles."
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

variable "sources" {
  description = <<-EOT
    Log groups of one kind, by name. 1 to 20.
    - `dialect`: application, cloudtrail, eks-audit, route53-resolver or vpcflow (the default format).
    - `log_groups`: ARNs of log groups without :* at the end, such as arn:aws:logs:eu-west-1:111122223333:log-group:trail, or of a prefix of their names with an asterisk, such as arn:aws:logs:eu-west-1:111122223333:log-group:/aws/eks/*. With member_role_name, an asterisk as account is the account of each alert. At most 50; a prefix may match at most 50 log groups.
    - `columns`: For application, the field of each column: address, domain, instance, key, principal, target or user, at least one of them, by which events are found; action, error and service.
    - `parse`: For application, the pattern of the command parse on @message, if fields are not discovered: a glob such as "user=* from *" as who, ip with its quotes, or a regular expression with named groups between slashes.
  EOT
  type = map(object({
    columns    = optional(map(string), {})
    dialect    = string
    log_groups = list(string)
    parse      = optional(string)
  }))
  nullable = false

  validation {
    condition     = length(var.sources) <= 20 && length(var.sources) + length(var.queries) >= 1 && alltrue([for name in keys(var.sources) : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", name)) && length(name) <= 40])
    error_message = "sources must contain at most 20 sources, with names of 1 to 40 lower-case letters, digits and single hyphens, and may be empty only with queries."
  }

  validation {
    condition     = length(setintersection(keys(var.sources), keys(var.queries))) == 0
    error_message = "Names of queries must differ from those of sources: answers are listed by these names."
  }

  validation {
    condition     = alltrue([for source in values(var.sources) : contains(["application", "cloudtrail", "eks-audit", "route53-resolver", "vpcflow"], source.dialect)])
    error_message = "The dialect of each of sources must be application, cloudtrail, eks-audit, route53-resolver or vpcflow."
  }

  validation {
    condition = alltrue([
      for source in values(var.sources) : length(source.log_groups) >= 1 && length(source.log_groups) <= 50
      && alltrue([for arn in source.log_groups : can(regex("^arn:aws[a-z-]*:logs:[a-z0-9-]+:([0-9]{12}|\\*):log-group:[A-Za-z0-9_/.#-]{1,512}\\*?$", arn))])
    ])
    error_message = "log_groups of each of sources must have 1 to 50 ARNs of log groups without :* at the end, or of prefixes with an asterisk, such as arn:aws:logs:eu-west-1:111122223333:log-group:/aws/eks/*."
  }

  validation {
    condition = var.member_role_name != null || alltrue(flatten([
      for asked in concat([for source in values(var.sources) : source.log_groups], [for query in values(var.queries) : query.log_groups]) :
      [for arn in asked : try(split(":", arn)[4], "") != "*"]
    ]))
    error_message = "log_groups of sources and queries with an asterisk as account require member_role_name."
  }

  validation {
    condition = alltrue([
      for source in values(var.sources) : source.dialect == "application"
      ? length(setintersection(keys(source.columns), ["address", "domain", "instance", "key", "principal", "target", "user"])) > 0
      && length(setsubtract(keys(source.columns), ["action", "address", "domain", "error", "instance", "key", "principal", "service", "target", "user"])) == 0
      && alltrue([for field in values(source.columns) : can(regex("^@?[A-Za-z0-9_.]{1,100}$", field))])
      : length(source.columns) == 0 && source.parse == null
    ])
    error_message = "columns of each of sources must be fields of letters, digits, underscores and periods by the columns action, address, domain, error, instance, key, principal, service, target and user, at least one besides action, error and service. Only sources of the dialect application have columns and parse."
  }

  validation {
    condition = alltrue([
      for source in values(var.sources) : source.parse == null ? true : can(regex("^(\"[^\"\n]+\" as [A-Za-z0-9_]+(, ?[A-Za-z0-9_]+)*|/(\\\\[^\n]|[^/\\\\\n])+/)$", source.parse))
    ])
    error_message = "parse of each of sources must be null, a glob in double quotes followed by as and names, or a regular expression between slashes."
  }
}

variable "time_budget_seconds" {
  description = "Time after which queries that still run are stopped. A whole number of seconds from 15 to 800. Set AlertResponder's inspection_timeout_seconds to at least the output needed_inspection_timeout_seconds, which is 20 s more."
  type        = number
  default     = 40
  nullable    = false

  validation {
    condition     = var.time_budget_seconds >= 15 && var.time_budget_seconds <= 800 && floor(var.time_budget_seconds) == var.time_budget_seconds
    error_message = "time_budget_seconds must be a whole number of seconds from 15 to 800."
  }
}

variable "usd_per_gb" {
  description = "Price of a scanned GB in the region, for the costs in reports. A number of USD from 0 to 1."
  type        = number
  default     = 0.005
  nullable    = false

  validation {
    condition     = var.usd_per_gb >= 0 && var.usd_per_gb <= 1
    error_message = "usd_per_gb must be a number of USD from 0 to 1."
  }
}
