variable "administrator_accounts" {
  description = "Ids of accounts whose GuardDuty, Security Hub, Inspector, Macie or IAM Access Analyzer sends findings of other accounts to EventBridge, such as delegated administrators. A finding that one of them sends is about the account that the finding names; every other event is about the account that sent it. At most 20. The account of the installation always counts as one. Empty: only that account."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.administrator_accounts) <= 20 && alltrue([for id in var.administrator_accounts : can(regex("^[0-9]{12}$", id))])
    error_message = "administrator_accounts must contain at most 20 account ids of 12 digits."
  }
}

variable "aggregation_window_seconds" {
  description = "Time after its first alert during which a report takes in further alerts with the same detector, rule and alert key. A whole number of seconds from 1 to 604,800 (a week), counted by the alerts' arrival on the stream. A later alert opens the next report."
  type        = number
  default     = 10800
  nullable    = false

  validation {
    condition     = var.aggregation_window_seconds >= 1 && var.aggregation_window_seconds <= 604800 && floor(var.aggregation_window_seconds) == var.aggregation_window_seconds
    error_message = "aggregation_window_seconds must be a whole number of seconds from 1 to 604800."
  }
}

variable "alarm_actions" {
  description = "ARNs that are notified when an alarm is raised and when it is over, usually one SNS topic. At most 5. Empty: alarms only show their state."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.alarm_actions) <= 5
    error_message = "alarm_actions must contain at most 5 ARNs."
  }

  validation {
    condition     = alltrue([for arn in var.alarm_actions : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+$", arn))])
    error_message = "alarm_actions must contain full ARNs, such as arn:aws:sns:eu-west-1:123456789012:alarms."
  }
}

variable "batch_size" {
  description = "Maximum number of records in one call of the receptor. A whole number from 1 to 10,000."
  type        = number
  default     = 500
  nullable    = false

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10000 && floor(var.batch_size) == var.batch_size
    error_message = "batch_size must be a whole number from 1 to 10000."
  }
}

variable "batch_window_seconds" {
  description = "Maximum time to gather records before the receptor is called. A whole number of seconds from 0 (call at once) to 300."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.batch_window_seconds >= 0 && var.batch_window_seconds <= 300 && floor(var.batch_window_seconds) == var.batch_window_seconds
    error_message = "batch_window_seconds must be a whole number of seconds from 0 to 300."
  }
}

variable "coordinator_reserved_concurrency" {
  description = "Maximum number of simultaneous calls of the coordinator, reserved from the account's concurrency, of which AWS keeps 100 unreserved. A whole number of at least 1. Further calls are retried for nine minutes on average, so a burst of reports takes longer. Null: no limit other than the account's."
  type        = number
  default     = null

  validation {
    condition     = var.coordinator_reserved_concurrency == null ? true : var.coordinator_reserved_concurrency >= 1 && floor(var.coordinator_reserved_concurrency) == var.coordinator_reserved_concurrency
    error_message = "coordinator_reserved_concurrency must be null or a whole number of at least 1."
  }
}

variable "custom_formats" {
  description = <<-EOT
    Your own formats of records: JMESPath expressions that turn any JSON into alerts. They are tried in order, before the built-in formats. At most 50. The receptor rejects the records of a format with an invalid expression: check formats with alert-responder send --dry-run.
    - `name`: Name of the format in error messages, with 1 to 64 lower-case letters, digits and single hyphens.
    - `match`: Expression that is true for a record of this format. It is evaluated without the envelopes around the record.
    - `events` (optional): Expression that selects the list of events when one record holds several. The expressions below are evaluated on one event.
    - `detector`, `rule_id`: Expressions for the detector and the rule. They must return text or a number.
    - `rule_name`, `alert_key`, `description`, `timestamp`, `severity` (optional): Expressions for these fields of the alert.
    - `status` (optional): Expression for the state of the finding. Words such as resolved, closed, archived, passed and ok mean resolved, every other word active. Null: active.
    - `finding_id` (optional): Expression for the detector's id of the finding, equal in each update of it. An alert that only repeats a finding is not delivered again. Null: unknown.
    - `attributes` (optional): Attributes of the alert, at most 100, each with a `type`, an expression `value` for one value or a list, and optionally a `key` (a label for people) and `context` (a list of contexts).
    Write literal text in single quotes inside an expression. The functions split(text, separator), from_json(text) and known(list) are available besides those of JMESPath. Empty: only built-in formats.
  EOT
  type = list(object({
    name        = string
    match       = string
    events      = optional(string)
    detector    = string
    rule_id     = string
    rule_name   = optional(string)
    alert_key   = optional(string)
    description = optional(string)
    timestamp   = optional(string)
    severity    = optional(string)
    status      = optional(string)
    finding_id  = optional(string)
    attributes = optional(list(object({
      type    = string
      value   = string
      key     = optional(string, "")
      context = optional(list(string), [])
    })), [])
  }))
  default  = []
  nullable = false

  validation {
    condition     = length(var.custom_formats) <= 50 && length(distinct([for format in var.custom_formats : format.name])) == length(var.custom_formats)
    error_message = "custom_formats must have at most 50 formats with different names."
  }

  validation {
    condition     = alltrue([for format in var.custom_formats : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", format.name)) && length(format.name) <= 64])
    error_message = "custom_formats[].name must have 1 to 64 lower-case letters, digits and single hyphens."
  }

  validation {
    condition     = alltrue([for expression in flatten([for format in var.custom_formats : concat([for field in ["match", "events", "detector", "rule_id", "rule_name", "alert_key", "description", "timestamp", "severity", "status", "finding_id"] : format[field] if format[field] != null], [for attribute in format.attributes : attribute.value])]) : length(expression) >= 1 && length(expression) <= 1000])
    error_message = "Expressions in custom_formats must have 1 to 1000 characters. Use null to leave one out."
  }

  validation {
    condition     = alltrue([for format in var.custom_formats : length(format.attributes) <= 100 && alltrue([for attribute in format.attributes : length(attribute.key) <= 256])]) && length(base64encode(jsonencode(var.custom_formats))) <= 466668
    error_message = "custom_formats is too large. A format may have 100 attributes, a key 256 characters, and all formats together 350,000 bytes as JSON."
  }

  validation {
    condition     = alltrue(flatten([for format in var.custom_formats : [for attribute in format.attributes : can(regex("^[a-z][a-z0-9_-]{0,31}$", attribute.type)) && alltrue([for context in attribute.context : can(regex("^[a-z][a-z0-9_-]{0,31}$", context))])]]))
    error_message = "Types and contexts of attributes in custom_formats must have 1 to 32 lower-case letters, digits, hyphens and underscores, and begin with a letter."
  }
}

variable "deletion_protection" {
  description = "Whether the table, and the bucket while it holds objects, refuse to be deleted. To remove an installation with all its reports, apply false first."
  type        = bool
  default     = true
  nullable    = false
}

variable "inspection_concurrency" {
  description = "Maximum number of chunks of lookups that one report processes at the same time; each chunk is one call of the runner. A whole number from 1 to 40. In an account whose Lambda concurrency is below 100 (a new account has 10), set it to 1: the runners of one report would otherwise leave no capacity for their plug-ins."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.inspection_concurrency >= 1 && var.inspection_concurrency <= 40 && floor(var.inspection_concurrency) == var.inspection_concurrency
    error_message = "inspection_concurrency must be a whole number from 1 to 40."
  }
}

variable "inspection_delay_seconds" {
  description = "Time that a new report gathers alerts before it is inspected. A whole number of seconds from 0 (inspect at once) to 3,600."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.inspection_delay_seconds >= 0 && var.inspection_delay_seconds <= 3600 && floor(var.inspection_delay_seconds) == var.inspection_delay_seconds
    error_message = "inspection_delay_seconds must be a whole number of seconds from 0 to 3600."
  }
}

variable "inspection_timeout_seconds" {
  description = "Maximum time for one lookup, from the call of the inspector. A whole number of seconds from 1 to 840. A slower lookup is recorded as `timeout`. A lookup that cannot be called within 14 minutes is repeated once in the report's next round."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.inspection_timeout_seconds >= 1 && var.inspection_timeout_seconds <= 840 && floor(var.inspection_timeout_seconds) == var.inspection_timeout_seconds
    error_message = "inspection_timeout_seconds must be a whole number of seconds from 1 to 840: a function may run for 900 s and needs time to store the answer."
  }
}

variable "internal_domains" {
  description = "Your organisation's domains, such as corp.example.com, with all domains below them. At most 500; write other scripts in their xn-- form. External inspectors never receive them unless allow_internal is set. Empty: only names for private or special use, such as .internal and .local, are internal."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.internal_domains) <= 500
    error_message = "internal_domains must contain at most 500 domains."
  }

  validation {
    condition     = alltrue([for domain in var.internal_domains : length(domain) <= 253 && can(regex("^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?([.][A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$", domain))])
    error_message = "internal_domains must contain domains such as corp.example.com: labels of 1 to 63 letters, digits, underscores and hyphens, at most 253 characters in all, with no dot or asterisk at the start or end."
  }

  validation {
    condition     = alltrue([for domain in var.internal_domains : !can(regex("(^|[.])[0-9]+$", domain))])
    error_message = "internal_domains must not contain IP addresses. Use internal_networks for them."
  }
}

variable "internal_networks" {
  description = "Your organisation's networks, as IPv4 or IPv6 CIDRs such as 198.51.100.0/24. At most 200. External inspectors never receive addresses in them unless allow_internal is set. Empty: only addresses that are not public, such as 10.0.0.1, are internal."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.internal_networks) <= 200
    error_message = "internal_networks must contain at most 200 CIDRs."
  }

  validation {
    condition     = alltrue([for network in var.internal_networks : can(cidrsubnet(network, 0, 0))])
    error_message = "internal_networks must contain CIDRs with a prefix length, such as 198.51.100.0/24, 198.51.100.7/32 or 2001:db8::/32."
  }
}

variable "kms_key" {
  description = <<-EOT
    KMS key that encrypts the stream, table, archive, logs, workflow, dead letters and the functions' settings. It must be in the same region, and needs the key policy in the output kms_key_policy_json.
    - `arn`: ARN of the key.
    It is an object because Terraform has to know during planning whether there is a key, even if its ARN is known only after the key is created. Before you change or remove it, set previous_kms_key_arns. Null: keys that AWS owns or manages.
  EOT
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.kms_key == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key.arn))
    error_message = "kms_key.arn must be the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab. CloudWatch Logs accepts no alias."
  }

  validation {
    condition     = var.kms_key == null ? true : try(split(":", var.kms_key.arn)[3], "") == data.aws_region.current.id
    error_message = "kms_key must be in ${data.aws_region.current.id}, the region of this installation."
  }
}

variable "lambda_architecture" {
  description = "Processor architecture of the functions: arm64 or x86_64. Layers in lambda_layer_arns must support it."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "lambda_architecture must be arm64 or x86_64."
  }
}

variable "lambda_layer_arns" {
  description = "ARNs of the layer versions that provide aws-lambda-powertools and pydantic 2 for Python 3.12. At most 4: plug-ins get a further layer, and a function may have 5. Null: a pinned version of the public Powertools layer of the partition. Empty: no layer, if the runtime provides both."
  type        = list(string)
  default     = null

  validation {
    condition     = var.lambda_layer_arns == null ? true : length(var.lambda_layer_arns) <= 4
    error_message = "lambda_layer_arns must contain at most 4 layers: plug-ins get a further one."
  }

  validation {
    condition     = var.lambda_layer_arns == null ? true : alltrue([for arn in var.lambda_layer_arns : can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:layer:[A-Za-z0-9_-]+:[0-9]+$", arn))])
    error_message = "lambda_layer_arns must contain ARNs of layer versions, such as arn:aws:lambda:eu-west-1:123456789012:layer:tools:1."
  }
}

variable "lambda_package" {
  description = <<-EOT
    Location of the functions' zip: a file or an S3 object.
    - `filename`: Path of the zip, relative to the directory in which Terraform runs.
    - `s3_bucket`, `s3_key`: Bucket and key of the zip.
    - `s3_object_version`: Version of the S3 object.
    Default: dist/alert_responder.zip of this module.
  EOT
  type = object({
    filename          = optional(string)
    s3_bucket         = optional(string)
    s3_key            = optional(string)
    s3_object_version = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = (var.lambda_package.s3_bucket == null) == (var.lambda_package.s3_key == null)
    error_message = "lambda_package must have both s3_bucket and s3_key, or neither."
  }

  validation {
    condition     = var.lambda_package.filename == null || var.lambda_package.s3_bucket == null
    error_message = "lambda_package must not have both filename and s3_bucket."
  }

  validation {
    condition     = var.lambda_package.s3_object_version == null || var.lambda_package.s3_key != null
    error_message = "lambda_package must not have s3_object_version without s3_key."
  }
}

variable "log_retention_days" {
  description = "Time that logs are kept. A number of days that CloudWatch Logs supports, from 1 to 3,653."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition = contains([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827,
      2192, 2557, 2922, 3288, 3653,
    ], var.log_retention_days)
    error_message = "log_retention_days must be 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "max_inspection_depth" {
  description = "Maximum depth of lookups: how many times attributes that inspectors found are inspected in turn. A whole number from 0 (never) to 5."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.max_inspection_depth >= 0 && var.max_inspection_depth <= 5 && floor(var.max_inspection_depth) == var.max_inspection_depth
    error_message = "max_inspection_depth must be a whole number from 0 to 5."
  }
}

variable "max_inspections_per_report" {
  description = "Maximum number of lookups of one report. A whole number from 1 to 500. Lookups that share a call of an inspector with batch_size count once; with them, a report has at most 500. Alerts share it: the first alerts may use three quarters, and each later wave three quarters of the rest. The report lists lookups beyond it and is then incomplete."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.max_inspections_per_report >= 1 && var.max_inspections_per_report <= 500 && floor(var.max_inspections_per_report) == var.max_inspections_per_report
    error_message = "max_inspections_per_report must be a whole number from 1 to 500."
  }
}

variable "max_new_reports_per_hour" {
  description = <<-EOT
    Maximum number of reports that open in an hour, counted by the alerts' arrival on the stream. Alerts of further incidents go into one overflow report for the detector and hour, or for the installation and hour, which counts them and lists the first ones.
    - `per_detector`: Limit for each detector, from 1 to 1,000,000. Null: no limit.
    - `per_installation`: Limit for all detectors together, from 1 to 1,000,000, because an alert names its own detector. Null: no limit.
    Null: no limits.
  EOT
  type = object({
    per_detector     = number
    per_installation = number
  })
  default = {
    per_detector     = 500
    per_installation = 2000
  }

  validation {
    condition = alltrue([
      for limit in var.max_new_reports_per_hour == null ? [] : values(var.max_new_reports_per_hour) :
      limit == null ? true : limit >= 1 && limit <= 1000000 && floor(limit) == limit
    ])
    error_message = "per_detector and per_installation of max_new_reports_per_hour must be null or whole numbers from 1 to 1000000."
  }
}

variable "monitoring" {
  description = <<-EOT
    Alarms, their thresholds, and the dashboard. An alarm is raised when a metric reaches its threshold within five minutes. Counts are whole numbers from 1 to 1,000,000.
    - `enabled`: Set to false to create neither alarms nor the dashboard.
    - `dashboard`: Set to false to create no dashboard.
    - `deliveries_failed`: Number of failed deliveries.
    - `function_errors`: Number of failed calls of one function in five minutes, four times in a row.
    - `function_throttles`: Number of throttled calls of one function in five minutes, four times in a row.
    - `inspections_failed`: Number of failed lookups in five minutes, in seven of eight such periods.
    - `inspections_throttled`: Number of throttled lookups in five minutes, in seven of eight such periods.
    - `iterator_age_seconds`: Time that alerts wait on the stream, in seconds from 60 to 21,600.
    - `rejected_alerts`: Number of rejected records.
    - `reviews_failed`: Number of failed reviews.
    - `stream_throttles`: Number of records that the stream refused.
    Each alarm has a runbook in docs/operations.md.
  EOT
  type = object({
    enabled               = optional(bool, true)
    dashboard             = optional(bool, true)
    deliveries_failed     = optional(number, 1)
    function_errors       = optional(number, 1)
    function_throttles    = optional(number, 1)
    inspections_failed    = optional(number, 1)
    inspections_throttled = optional(number, 1)
    iterator_age_seconds  = optional(number, 900)
    rejected_alerts       = optional(number, 1)
    reviews_failed        = optional(number, 1)
    stream_throttles      = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in ["deliveries_failed", "function_errors", "function_throttles", "inspections_failed", "inspections_throttled", "rejected_alerts", "reviews_failed", "stream_throttles"] : var.monitoring[name] >= 1 && var.monitoring[name] <= 1000000 && floor(var.monitoring[name]) == var.monitoring[name]])
    error_message = "Counts in monitoring must be whole numbers from 1 to 1000000."
  }

  validation {
    condition     = var.monitoring.iterator_age_seconds >= 60 && var.monitoring.iterator_age_seconds <= 21600 && floor(var.monitoring.iterator_age_seconds) == var.monitoring.iterator_age_seconds
    error_message = "monitoring.iterator_age_seconds must be a whole number from 60 to 21600: after six hours the stream gives up on alerts."
  }
}

variable "name" {
  description = "Name of the installation. All other names are derived from it. 3 to 36 lower-case letters, digits and single hyphens, beginning with a letter; unique in the account and region. Changing it creates another, empty installation."
  type        = string
  default     = "alert-responder"
  nullable    = false

  # The longest derived names are the bucket's prefix (37, with a hyphen at the end)
  # and the coordinator's role (64, with "-coordinator-" and a region of at most 15).
  # AWS accepts no table name below 3 characters.
  validation {
    condition     = length(var.name) >= 3 && length(var.name) <= 36
    error_message = "name must have 3 to 36 characters."
  }

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name))
    error_message = "name must contain only lower-case letters, digits and single hyphens, begin with a letter, and not end with a hyphen."
  }

  validation {
    condition     = !startswith(var.name, "sthree-") && !startswith(var.name, "amzn-s3-demo-")
    error_message = "name must not begin with sthree- or amzn-s3-demo-, which S3 reserves."
  }
}

variable "parallelization_factor" {
  description = "Maximum number of batches of one shard that are processed at the same time. A whole number from 1 to 10."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.parallelization_factor >= 1 && var.parallelization_factor <= 10 && floor(var.parallelization_factor) == var.parallelization_factor
    error_message = "parallelization_factor must be a whole number from 1 to 10."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the IAM policy that is set as permissions boundary of all roles. Null: no boundary."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/boundary."
  }
}

variable "previous_kms_key_arns" {
  description = "ARNs of KMS keys that kms_key had before. At most 5. All roles may still decrypt with them: objects in the archive, records on the stream and running rounds keep the key under which they were written. See docs/operations.md before you change a key. Empty: no earlier key."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.previous_kms_key_arns) <= 5 && alltrue([for arn in var.previous_kms_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "previous_kms_key_arns must contain at most 5 ARNs of KMS keys, such as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab."
  }
}

variable "producer_account_ids" {
  description = "Ids of other accounts whose principals may put alerts on the stream, if their own IAM policies allow it. At most 20. Requires kms_key: other accounts cannot use the key that AWS manages for Kinesis. Empty: this account only."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.producer_account_ids) <= 20 && alltrue([for id in var.producer_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "producer_account_ids must contain at most 20 account ids of 12 digits."
  }
}

variable "report_link_type" {
  description = "Type of the link to a report's page that emitters receive: `console` (the object in the S3 console, which requires a login), `presigned` (opens the page without a login, for at most an hour and not longer than the session of the function that signed it) or `none`. Anybody who has a presigned link can read the report: choose it only if every receiver of notifications may read every report."
  type        = string
  default     = "console"
  nullable    = false

  validation {
    condition     = contains(["console", "none", "presigned"], var.report_link_type)
    error_message = "report_link_type must be console, none or presigned."
  }
}

variable "report_retention_days" {
  description = "Time that reports are kept in the table and the archive. A whole number of days from 2 to 3,650, at least a day longer than aggregation_window_seconds and stream_retention_hours together, so that a late or repeated alert still finds its report."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.report_retention_days >= 2 && var.report_retention_days <= 3650 && floor(var.report_retention_days) == var.report_retention_days
    error_message = "report_retention_days must be a whole number of days from 2 to 3650."
  }

  validation {
    condition     = var.report_retention_days * 86400 >= var.aggregation_window_seconds + var.stream_retention_hours * 3600 + 86400
    error_message = "report_retention_days must be at least ${ceil((var.aggregation_window_seconds + var.stream_retention_hours * 3600 + 86400) / 86400)}: the sum of aggregation_window_seconds and stream_retention_hours, and one day."
  }
}

variable "runner_reserved_concurrency" {
  description = "Maximum number of simultaneous calls of the runner, reserved from the account's concurrency, of which AWS keeps 100 unreserved. A whole number of at least 1; use at least inspection_concurrency, or the chunks of one report wait for each other. Null: no limit other than the account's."
  type        = number
  default     = null

  validation {
    condition     = var.runner_reserved_concurrency == null ? true : var.runner_reserved_concurrency >= 1 && floor(var.runner_reserved_concurrency) == var.runner_reserved_concurrency
    error_message = "runner_reserved_concurrency must be null or a whole number of at least 1."
  }
}

variable "stream_mode" {
  description = "Capacity mode of the stream: PROVISIONED (capacity set by stream_shard_count) or ON_DEMAND (scales by itself, at a higher price while idle). AWS allows two changes a day."
  type        = string
  default     = "PROVISIONED"
  nullable    = false

  validation {
    condition     = contains(["ON_DEMAND", "PROVISIONED"], var.stream_mode)
    error_message = "stream_mode must be PROVISIONED or ON_DEMAND."
  }
}

variable "stream_retention_hours" {
  description = "Time that the stream keeps alerts. A whole number of hours from 24 to 8,760. More than 24 costs more, and allows alerts to be read again after a longer outage."
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.stream_retention_hours >= 24 && var.stream_retention_hours <= 8760 && floor(var.stream_retention_hours) == var.stream_retention_hours
    error_message = "stream_retention_hours must be a whole number of hours from 24 to 8760."
  }
}

variable "stream_shard_count" {
  description = "Number of shards of the stream, each for 1,000 records or 1 MB a second. A whole number from 1 to 200. Ignored if stream_mode is ON_DEMAND."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.stream_shard_count >= 1 && var.stream_shard_count <= 200 && floor(var.stream_shard_count) == var.stream_shard_count
    error_message = "stream_shard_count must be a whole number from 1 to 200."
  }
}

variable "tags" {
  description = "Tags of all resources that support tags."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "update_interval_seconds" {
  description = "Time that a reviewed report gathers further alerts before its next round. A whole number of seconds from 0 (start at once) to 86,400 (a day). An execution of the workflow may last 23 hours longer."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.update_interval_seconds >= 0 && var.update_interval_seconds <= 86400 && floor(var.update_interval_seconds) == var.update_interval_seconds
    error_message = "update_interval_seconds must be a whole number of seconds from 0 to 86400."
  }
}

variable "verified_stream" {
  description = "Whether there is a second stream for events of EventBridge, named `<name>.verified`, to which only the roles of modules/eventbridge-source may write. The origin of its alerts is verified: no producer can forge which account sent them. It has the settings of the alert stream, and costs as much as the alert stream without alerts. If false, all alerts arrive on the alert stream, and none is verified."
  type        = bool
  default     = false
  nullable    = false
}
