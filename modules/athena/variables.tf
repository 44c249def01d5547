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
  description = "Types of the attributes that the logs are asked about. Sources are asked about accesskey, arn, domain, email, instance, ipaddr and username, queries about their attribute_types. Null: all of these."
  type        = set(string)
  default     = null

  validation {
    condition     = var.attribute_types == null ? true : length(var.attribute_types) > 0
    error_message = "attribute_types must be null or contain at least one type."
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
  description = "External id that the trust policy of the role in role_arn requires. 2 to 1,224 letters, digits and characters of +=,.@:/-_. AWS does not treat it as a secret. Requires role_arn. Null: no external id."
  type        = string
  default     = null

  validation {
    condition     = var.external_id == null ? true : can(regex("^[A-Za-z0-9_+=,.@:/-]{2,}$", var.external_id)) && length(var.external_id) <= 1224
    error_message = "external_id must have 2 to 1224 letters, digits and characters of +=,.@:/-_."
  }

  validation {
    condition     = var.external_id == null || var.role_arn != null
    error_message = "external_id requires role_arn."
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
  description = "Time before an alert that is read. A whole number of hours from 1 to 336. Each started day of a table is read as a whole."
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.hours_before >= 1 && var.hours_before <= 336 && floor(var.hours_before) == var.hours_before
    error_message = "hours_before must be a whole number of hours from 1 to 336."
  }
}

variable "kms_key_arns" {
  description = "ARNs of further KMS keys that encrypt results of the workgroup or data that queries read. At most 10."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.kms_key_arns) <= 10 && alltrue([for arn in var.kms_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "kms_key_arns must contain at most 10 ARNs of KMS keys, not of aliases."
  }
}

variable "max_gb_per_day" {
  description = "Maximum number of GB (1,000,000,000 bytes) that all queries of the inspector scan in a day (UTC), counts of days included. The limit of a query in the workgroup is reserved before each query. At least 1. Further lookups are recorded as `throttled`."
  type        = number
  nullable    = false

  validation {
    condition     = var.max_gb_per_day >= 1 && var.max_gb_per_day <= 1000000
    error_message = "max_gb_per_day must be a number from 1 to 1000000."
  }
}

variable "max_gb_per_query" {
  description = "Maximum number of GB that one query may scan, in the workgroup that the module creates. A number from 0.01 to 100,000, at most max_gb_per_day. Not used with workgroup, which must have a limit of its own."
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.max_gb_per_query >= 0.01 && var.max_gb_per_query <= 100000
    error_message = "max_gb_per_query must be a number from 0.01 to 100000."
  }

  validation {
    condition     = var.workgroup != null || var.max_gb_per_query <= var.max_gb_per_day
    error_message = "max_gb_per_query must be at most max_gb_per_day: a query starts only if the rest of the day allows all of its limit."
  }
}

variable "max_per_minute" {
  description = "Maximum number of calls in a minute, for all reports together. A whole number from 1 to 10,000; a call asks about up to 100 attributes. Null: no limit."
  type        = number
  default     = null
}

variable "name" {
  description = "Name of the inspector in reports. 1 to 33 lower-case letters, digits and single hyphens, unique among inspectors."
  type        = string
  default     = "athena"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 33
    error_message = "name must have 1 to 33 lower-case letters, digits and single hyphens."
  }
}

variable "queries" {
  description = <<-EOT
    Custom queries, by name. All settings of the function must fit into 4,096 bytes.
    - `attribute_types`: Types of the attributes that it is asked about.
    - `database`: Database of its tables.
    - `locations`: Locations of the data in S3 that the role may read, such as s3://bucket/prefix/. Empty: Lake Formation grants it.
    - `sql`: A SELECT, whose result has the column value with the attribute's value, and optionally count and fields of an activity. It must use the parameter :values (a list), may use :begins and :ends (timestamps), and names its tables without the database.
    - `tables`: Tables that it reads, by name. It sees only the rows of the window around the alert.
    - `tables.time`: Column with the time of a row.
    - `tables.time_type`: How the column stores it: timestamp, in UTC; iso, a text such as 2026-01-31T23:59:59Z; epoch or epoch_ms, a number of seconds or milliseconds. Default: timestamp.
    - `tables.partition`: Format of each partition column with a time, as in sources. Empty: the table is partitioned by its column time itself, as Iceberg tables may be.
  EOT
  type = map(object({
    attribute_types = set(string)
    database        = string
    locations       = optional(list(string), [])
    sql             = string
    tables = map(object({
      partition = map(string)
      time      = string
      time_type = optional(string, "timestamp")
    }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(var.queries) <= 20 && alltrue([for name in keys(var.queries) : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", name)) && length(name) <= 40])
    error_message = "queries must contain at most 20 queries, with names of 1 to 40 lower-case letters, digits and single hyphens."
  }

  # Without quoted texts and names, so that what is in them counts for nothing.
  validation {
    condition = alltrue(flatten([
      for query in values(var.queries) : [
        for code in [replace(query.sql, "/'[^']*'|\"[^\"]*\"/", " ")] : [
          length(regexall("(?i)\\bin\\s+:values\\b", code)) > 0,
          length(regexall("(?i)\\bin\\s+:values\\b", code)) == length(regexall(":values\\b", code)),
          length(regexall("(?i)\\bvalue\\b|(\\bselect|,)\\s*([a-z0-9_]+[.])?[*]", query.sql)) > 0,
          length(regexall(":(values|begins|ends)\\b", code)) == length(regexall(":[A-Za-z_]+", code)),
          length(regexall(":(values|begins|ends)\\b", code)) == length(regexall(":(values|begins|ends)\\b", query.sql)),
        ]
      ]
    ]))
    error_message = "Each sql in queries must return the column value and use the parameter :values, only after IN, such as WHERE who IN :values, and no others than :values, :begins and :ends, none of them in quotes."
  }

  validation {
    condition = alltrue([
      for query in values(var.queries) : length(regexall(
        "(?i)\\b(alter|create|delete|drop|insert|merge|unload|update)\\b|[;'\"]|--|/\\*",
        replace(query.sql, "/'[^']*'|\"[^\"]*\"/", " "),
      )) == 0
    ])
    error_message = "Each sql in queries must be one SELECT without a semicolon, comments and words that change data."
  }

  # A name without a database is that of a subquery with the rows of the window.
  validation {
    condition = alltrue(flatten([
      for query in values(var.queries) : [
        # Quoted names count, quoted texts do not.
        for code in [replace(query.sql, "/'[^']*'|\"([^\"]*)\"/", " $1 ")] : concat(
          [
            for database in distinct([for each in concat(values(var.queries), values(var.sources)) : each.database]) :
            length(regexall("(?i)\\b${database}\\s*[.]", code)) == 0
          ],
          [
            for table in setsubtract(
              concat(
                flatten([for other in values(var.queries) : keys(other.tables) if lower(other.database) == lower(query.database)]),
                [for source in values(var.sources) : source.table if lower(source.database) == lower(query.database)],
              ),
              keys(query.tables),
            ) : length(regexall("(?i)\\b${table}\\b", code)) == 0
          ],
        )
      ]
    ]))
    error_message = "Each sql in queries must name its tables without their database, and no table of sources or of another query that is missing in its tables: these would be read beyond the window. Nothing else in it may have such a name, such as a column or an alias."
  }

  validation {
    condition = alltrue([
      for query in values(var.queries) : length(query.tables) > 0 && length(query.attribute_types) > 0 && alltrue([
        for name in concat([query.database], keys(query.tables), [for table in values(query.tables) : table.time]) :
        can(regex("^[A-Za-z0-9_]{1,255}$", name))
      ])
    ])
    error_message = "Each of queries must have attribute_types and tables, with names of databases, tables and columns of 1 to 255 letters, digits and underscores."
  }

  validation {
    condition     = alltrue(flatten([for query in values(var.queries) : [for location in query.locations : can(regex("^s3://[a-z0-9.-]{3,63}(/[^*?]*)?$", location))]]))
    error_message = "locations of each of queries must be locations such as s3://bucket/prefix/."
  }

  validation {
    condition = alltrue(flatten([
      for query in values(var.queries) : [
        for table in values(query.tables) : concat(
          [contains(["epoch", "epoch_ms", "iso", "timestamp"], table.time_type)],
          [for column, format in table.partition : can(regex("^[A-Za-z0-9_]{1,255}$", column)) && can(regex("^(date|([/_.-]|yyyy|MM|dd|HH)+)$", format))],
        )
      ]
    ]))
    error_message = "time_type of each of tables in queries must be epoch, epoch_ms, iso or timestamp; partition must have formats of yyyy, MM, dd, HH and separators, or date."
  }

  # Validations that compare inputs are all here, since Terraform allows them in one direction only.
  validation {
    condition     = length(var.sources) + length(var.queries) >= 1
    error_message = "sources may be empty only with queries."
  }

  validation {
    condition     = length(setintersection(keys(var.sources), keys(var.queries))) == 0
    error_message = "Names of queries must differ from those of sources: answers are listed by these names."
  }

  validation {
    condition = var.attribute_types == null ? true : length(setsubtract(
      flatten([for query in values(var.queries) : query.attribute_types]), var.attribute_types
    )) == 0
    error_message = "attribute_types of queries must be among attribute_types, unless that is null: about other types they are not asked."
  }

  validation {
    condition = var.attribute_types == null ? true : length(setsubtract(var.attribute_types, setunion(
      length(var.sources) == 0 ? [] : ["accesskey", "arn", "domain", "email", "instance", "ipaddr", "username"],
      flatten([for query in values(var.queries) : query.attribute_types]),
    ))) == 0
    error_message = "attribute_types must contain only accesskey, arn, domain, email, instance, ipaddr and username, if there are sources, and the attribute_types of queries."
  }
}

variable "result_location" {
  description = "Location in S3 where the workgroup stores results, such as s3://bucket/prefix/, for the permissions of the role. Null: the module's own bucket, or with workgroup results that Athena manages."
  type        = string
  default     = null

  validation {
    condition     = var.result_location == null ? true : can(regex("^s3://[a-z0-9.-]{3,63}(/[^*?]*)?$", var.result_location))
    error_message = "result_location must be null or a location such as s3://bucket/prefix/."
  }
}

variable "role_arn" {
  description = "ARN of a role in the account that has the workgroup and the tables, such as a log archive. It must trust the function's role (first of the output role_arns), with external_id if it is set, and needs the policy in the output reader_policy_json. Requires workgroup; a baseline is not possible. Null: workgroup and tables are in AlertResponder's account."
  type        = string
  default     = null

  validation {
    condition     = var.role_arn == null ? true : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,576}$", var.role_arn))
    error_message = "role_arn must be null or the ARN of a role, such as arn:aws:iam::123456789012:role/alert-responder-logs."
  }

  validation {
    condition     = var.role_arn == null || var.workgroup != null
    error_message = "role_arn requires workgroup, the name of a workgroup in its account."
  }

  validation {
    condition     = var.role_arn == null || alltrue([for source in values(var.sources) : coalesce(source.baseline_days, 0) == 0])
    error_message = "baseline_days of each of sources must be null or 0 with role_arn: counts of days are stored in AlertResponder's account, and queries run in the other one."
  }
}

variable "rollup_schedule" {
  description = "When the last day of each source with a baseline is counted, as a schedule expression of EventBridge in UTC. Count after all log files of the day have arrived."
  type        = string
  default     = "cron(30 3 * * ? *)"
  nullable    = false

  validation {
    condition     = can(regex("^(cron\\([^ ]+( [^ ]+){5}\\)|rate\\([1-9][0-9]* (minute|hour|day)s?\\))$", var.rollup_schedule))
    error_message = "rollup_schedule must be a schedule expression with six fields, such as cron(30 3 * * ? *), or a rate, such as rate(1 day)."
  }
}

variable "sources" {
  description = <<-EOT
    Tables of logs, by name. 1 to 20, or none with queries.
    - `database`, `table`: Names in the Glue catalog of the account, also of resource links.
    - `dialect`: alb, cloudtrail, route53-resolver, s3-access, vpcflow, or security-lake-2, which recognises the table by the end of its name, such as vpc_flow_2_0.
    - `location`: Location of the data in S3 that the role may read, such as s3://bucket/AWSLogs/. Null: Lake Formation grants it.
    - `kms_key_arn`: ARN of the KMS key that encrypts the data. Null: no key.
    - `partition`: Format of each partition column with a time, of yyyy, MM, dd and HH, or date for a column of that type, such as { day = "yyyy/MM/dd" }. Empty: that of AWS's definition of the table.
    - `fixed`: Values of further partition columns, such as { region = ["eu-west-1"] }.
    - `account`: Column with the account of a row, such as account_id: queries read only the rows of the alert's account, one query for each account. An alert without an account is not asked about. Null: the rows of all accounts.
    - `baseline_days`: Days before the window from which "new or usual" is decided, 0 to 90; each day is counted once by a query of the whole day. 0: it is not known. Null: 30 for security-lake-2 without account and role_arn, 0 otherwise.
  EOT
  type = map(object({
    account       = optional(string)
    baseline_days = optional(number)
    database      = string
    dialect       = string
    fixed         = optional(map(list(string)), {})
    kms_key_arn   = optional(string)
    location      = optional(string)
    partition     = optional(map(string), {})
    table         = string
  }))
  nullable = false

  validation {
    condition     = length(var.sources) <= 20 && alltrue([for name in keys(var.sources) : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", name)) && length(name) <= 40])
    error_message = "sources must contain at most 20 sources, with names of 1 to 40 lower-case letters, digits and single hyphens."
  }

  validation {
    condition = alltrue([
      for source in values(var.sources) : contains(["alb", "cloudtrail", "route53-resolver", "s3-access", "vpcflow"], source.dialect)
      || source.dialect == "security-lake-2" && can(regex("(cloud_trail_mgmt|eks_audit|lambda_execution|route53|s3_data|vpc_flow|waf)_2_0$", source.table))
    ])
    error_message = "The dialect of each of sources must be alb, cloudtrail, route53-resolver, s3-access, vpcflow, or security-lake-2 with a table whose name ends in cloud_trail_mgmt_2_0, eks_audit_2_0, lambda_execution_2_0, route53_2_0, s3_data_2_0, vpc_flow_2_0 or waf_2_0."
  }

  validation {
    condition = alltrue([
      for source in values(var.sources) : alltrue([for name in [source.database, source.table] : can(regex("^[A-Za-z0-9_]{1,255}$", name))])
    ])
    error_message = "database and table of each of sources must have 1 to 255 letters, digits and underscores."
  }

  validation {
    condition = alltrue([
      for source in values(var.sources) : source.location == null ? true : can(regex("^s3://[a-z0-9.-]{3,63}(/[^*?]*)?$", source.location))
    ])
    error_message = "location of each of sources must be null or a location such as s3://bucket/prefix/."
  }

  validation {
    condition     = alltrue([for source in values(var.sources) : source.kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", source.kms_key_arn))])
    error_message = "kms_key_arn of each of sources must be null or the ARN of a KMS key, not of an alias."
  }

  validation {
    condition = alltrue([
      for source in values(var.sources) : alltrue(concat(
        [for column, format in source.partition : can(regex("^[A-Za-z0-9_]{1,255}$", column)) && can(regex("^(date|([/_.-]|yyyy|MM|dd|HH)+)$", format))],
        [for column, list in source.fixed : can(regex("^[A-Za-z0-9_]{1,255}$", column)) && length(list) > 0 && alltrue([for value in list : can(regex("^[A-Za-z0-9_.-]{1,100}$", value))])],
      ))
    ])
    error_message = "partition of each of sources must have formats of yyyy, MM, dd, HH and separators, or date; fixed must have lists of values of letters, digits and characters of _.-."
  }

  validation {
    condition = alltrue([
      for source in values(var.sources) : source.baseline_days == null ? true : source.baseline_days >= 0 && source.baseline_days <= 90 && floor(source.baseline_days) == source.baseline_days
    ])
    error_message = "baseline_days of each of sources must be null or a whole number from 0 to 90."
  }

  validation {
    condition = alltrue([
      for source in values(var.sources) : source.account == null ? true : can(regex("^[A-Za-z0-9_]{1,255}$", source.account)) && coalesce(source.baseline_days, 0) == 0 && !contains(keys(source.fixed), source.account)
    ])
    error_message = "account of each of sources must be null or the name of a column that is not in fixed, and baseline_days then null or 0: counts of days have no accounts."
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

variable "usd_per_tb" {
  description = "Price of a scanned TB in the region, for the costs in reports. A number of USD from 0 to 100."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.usd_per_tb >= 0 && var.usd_per_tb <= 100
    error_message = "usd_per_tb must be a number of USD from 0 to 100."
  }
}

variable "workgroup" {
  description = "Name of the Athena workgroup in which queries run. It must have a limit of bytes for a query (BytesScannedCutoffPerQuery): without one, no query starts. Null: the module creates a workgroup with the limit max_gb_per_query."
  type        = string
  default     = null

  validation {
    condition     = var.workgroup == null ? true : can(regex("^[a-zA-Z0-9._-]{1,128}$", var.workgroup))
    error_message = "workgroup must be null or have 1 to 128 letters, digits and characters of ._-."
  }
}
