variable "aggregation_window_seconds" {
  description = "How long after its first alert a report takes in further alerts of the same id, in whole seconds from 1 to 604,800 (a week). Arrival on the stream counts. The first alert after that opens the next report."
  type        = number
  default     = 10800
  nullable    = false

  validation {
    condition     = var.aggregation_window_seconds >= 1 && var.aggregation_window_seconds <= 604800 && floor(var.aggregation_window_seconds) == var.aggregation_window_seconds
    error_message = "Use a whole number of seconds from 1 to 604800 for aggregation_window_seconds."
  }
}

variable "alarm_actions" {
  description = "ARNs told when an alarm is raised and when it is over, at most 5; usually one SNS topic. Empty: alarms only show their state."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.alarm_actions) <= 5
    error_message = "Use at most 5 ARNs for alarm_actions."
  }

  validation {
    condition     = alltrue([for arn in var.alarm_actions : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+$", arn))])
    error_message = "Use full ARNs for alarm_actions, such as arn:aws:sns:eu-west-1:123456789012:alarms."
  }
}

variable "batch_size" {
  description = "How many records of the stream the receptor takes at most in one call, a whole number from 1 to 10,000."
  type        = number
  default     = 500
  nullable    = false

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10000 && floor(var.batch_size) == var.batch_size
    error_message = "Use a whole number from 1 to 10000 for batch_size."
  }
}

variable "batch_window_seconds" {
  description = "How long the receptor's batch gathers records before it is called, in whole seconds from 0 (at once) to 300."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.batch_window_seconds >= 0 && var.batch_window_seconds <= 300 && floor(var.batch_window_seconds) == var.batch_window_seconds
    error_message = "Use a whole number of seconds from 0 to 300 for batch_window_seconds."
  }
}

variable "coordinator_reserved_concurrency" {
  description = "How many calls of the coordinator run at the same time at most, a whole number from 1; taken out of the account's concurrency. Further calls are retried for nine minutes on average, so a burst of reports takes longer. Null: no limit but the account's."
  type        = number
  default     = null

  validation {
    condition     = var.coordinator_reserved_concurrency == null ? true : var.coordinator_reserved_concurrency >= 1 && floor(var.coordinator_reserved_concurrency) == var.coordinator_reserved_concurrency
    error_message = "Use a whole number from 1, or null, for coordinator_reserved_concurrency."
  }
}

variable "custom_formats" {
  description = "Formats of one's own, in the order they are asked, before all others; at most 50. Each tells by the JMESPath expression match whether a record, without the envelopes around it, is of this format; events gives the list of events in it where it holds several; further expressions say of one event what its alert says: detector and rule_id, and where given rule_name, alert_key, description, timestamp and severity; attributes have a type, a key for people, contexts, and an expression for the value or a list of values. A literal text is written in single quotes inside the expression. Besides the functions of JMESPath there are split(text, separator) and from_json(text). Try them with alert-responder send --dry-run. Empty: the formats that come with the module."
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
    error_message = "Use at most 50 formats, each with a name of its own, for custom_formats."
  }

  validation {
    condition     = alltrue([for format in var.custom_formats : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", format.name)) && length(format.name) <= 64])
    error_message = "Use 1 to 64 lower-case letters, digits and single hyphens for each name in custom_formats."
  }

  validation {
    condition     = alltrue([for expression in flatten([for format in var.custom_formats : concat([for field in ["match", "events", "detector", "rule_id", "rule_name", "alert_key", "description", "timestamp", "severity"] : format[field] if format[field] != null], [for attribute in format.attributes : attribute.value])]) : length(expression) >= 1 && length(expression) <= 1000])
    error_message = "Use 1 to 1000 characters for each expression in custom_formats, and null for none."
  }

  validation {
    condition     = alltrue([for format in var.custom_formats : length(format.attributes) <= 100 && alltrue([for attribute in format.attributes : length(attribute.key) <= 256])]) && length(jsonencode(var.custom_formats)) <= 350000
    error_message = "Use at most 100 attributes for each of custom_formats, 256 characters for a key, and 350,000 characters for all of them together."
  }

  validation {
    condition     = alltrue(flatten([for format in var.custom_formats : [for attribute in format.attributes : can(regex("^[a-z][a-z0-9_-]{0,31}$", attribute.type)) && alltrue([for context in attribute.context : can(regex("^[a-z][a-z0-9_-]{0,31}$", context))])]]))
    error_message = "Use words of 1 to 32 lower-case letters, digits, hyphens and underscores that begin with a letter for the types and contexts of attributes in custom_formats."
  }
}

variable "deletion_protection" {
  description = "Whether reports survive a mistaken destroy: the table refuses to be deleted, and so does the bucket while it holds objects. To remove an installation with all its reports, apply false first."
  type        = bool
  default     = true
  nullable    = false
}

variable "inspection_concurrency" {
  description = "How many chunks of inspections one report has in work at the same time, a whole number from 1 to 40; each is one call of the runner."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.inspection_concurrency >= 1 && var.inspection_concurrency <= 40 && floor(var.inspection_concurrency) == var.inspection_concurrency
    error_message = "Use a whole number from 1 to 40 for inspection_concurrency."
  }
}

variable "inspection_delay_seconds" {
  description = "How long a new report gathers alerts before it is inspected, in whole seconds from 0 (at once) to 3,600."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.inspection_delay_seconds >= 0 && var.inspection_delay_seconds <= 3600 && floor(var.inspection_delay_seconds) == var.inspection_delay_seconds
    error_message = "Use a whole number of seconds from 0 to 3600 for inspection_delay_seconds."
  }
}

variable "inspection_timeout_seconds" {
  description = "How long an inspector may take for one attribute, in whole seconds from 1 to 840, from when it is called. A slower lookup is recorded as timeout; one that cannot be called within 14 minutes is made once more in the report's next round."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.inspection_timeout_seconds >= 1 && var.inspection_timeout_seconds <= 840 && floor(var.inspection_timeout_seconds) == var.inspection_timeout_seconds
    error_message = "Use a whole number of seconds from 1 to 840 for inspection_timeout_seconds: a function may run for 900, and has to keep the answer."
  }
}

variable "internal_domains" {
  description = "Domains of the organisation, at most 500, each with all below it, such as corp.example.com; other scripts in their xn-- form. Inspectors that are external are not told of them, unless their allow_internal says so. Empty: only names kept for private or special use, such as .internal and .local, are taken for internal."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.internal_domains) <= 500
    error_message = "Use at most 500 domains for internal_domains."
  }

  validation {
    condition     = alltrue([for domain in var.internal_domains : length(domain) <= 253 && can(regex("^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?([.][A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$", domain))])
    error_message = "Use domains such as corp.example.com for internal_domains: labels of 1 to 63 letters, digits, underscores and hyphens, in all at most 253 characters, without a dot or an asterisk at an end."
  }

  validation {
    condition     = alltrue([for domain in var.internal_domains : !can(regex("(^|[.])[0-9]+$", domain))])
    error_message = "Use no addresses for internal_domains; these are for internal_networks."
  }
}

variable "internal_networks" {
  description = "Networks of the organisation, at most 200, as IPv4 or IPv6 CIDRs such as 198.51.100.0/24. Inspectors that are external are not told of addresses in them, unless their allow_internal says so. Empty: only addresses that are not public at all, such as 10.0.0.1, are taken for internal."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.internal_networks) <= 200
    error_message = "Use at most 200 CIDRs for internal_networks."
  }

  validation {
    condition     = alltrue([for network in var.internal_networks : can(cidrsubnet(network, 0, 0))])
    error_message = "Use CIDRs with a length for internal_networks, such as 198.51.100.0/24, 198.51.100.7/32 or 2001:db8::/32."
  }
}

variable "kms_key" {
  description = "Key that encrypts stream, table, archive, logs, workflow, dead letters and the functions' settings: an object with its `arn`, in the same region. Its policy has to allow what kms_key_policy_json says. Null: keys that AWS manages."
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.kms_key == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key.arn))
    error_message = "Use the ARN of a KMS key for kms_key.arn, such as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab; CloudWatch Logs takes no aliases."
  }

  validation {
    condition     = var.kms_key == null ? true : try(split(":", var.kms_key.arn)[3], "") == data.aws_region.current.id
    error_message = "Use a KMS key of ${data.aws_region.current.id} for kms_key, the region of this installation."
  }
}

variable "lambda_architecture" {
  description = "Processor the three functions run on: arm64 or x86_64. A layer in lambda_layer_arns has to fit it."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "Use arm64 or x86_64 for lambda_architecture."
  }
}

variable "lambda_layer_arns" {
  description = "ARNs of the layer versions that bring aws-lambda-powertools and pydantic 2 for Python 3.12, at most 5. Null: the public Powertools layer of the partition, in a pinned version. Empty: none, where the runtime itself brings them."
  type        = list(string)
  default     = null

  validation {
    condition     = var.lambda_layer_arns == null ? true : length(var.lambda_layer_arns) <= 5
    error_message = "Use at most 5 layers for lambda_layer_arns."
  }

  validation {
    condition     = var.lambda_layer_arns == null ? true : alltrue([for arn in var.lambda_layer_arns : can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:layer:[A-Za-z0-9_-]+:[0-9]+$", arn))])
    error_message = "Use ARNs of layer versions for lambda_layer_arns, such as arn:aws:lambda:eu-west-1:123456789012:layer:tools:1."
  }
}

variable "lambda_package" {
  description = "Where the functions' zip is: a `filename`, seen from where Terraform runs, or `s3_bucket` and `s3_key` with or without `s3_object_version`. Default: dist/alert_responder.zip of this module."
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
    error_message = "Set s3_bucket and s3_key of lambda_package together, or neither."
  }

  validation {
    condition     = var.lambda_package.filename == null || var.lambda_package.s3_bucket == null
    error_message = "Set either filename or s3_bucket of lambda_package, not both."
  }

  validation {
    condition     = var.lambda_package.s3_object_version == null || var.lambda_package.s3_key != null
    error_message = "Set s3_object_version of lambda_package only beside s3_key."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept, in days; one of the numbers CloudWatch Logs knows, from 1 to 3,653."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition = contains([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827,
      2192, 2557, 2922, 3288, 3653,
    ], var.log_retention_days)
    error_message = "Use 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 for log_retention_days."
  }
}

variable "max_inspection_depth" {
  description = "How often attributes that inspectors found are inspected in turn, a whole number from 0 (never) to 5."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.max_inspection_depth >= 0 && var.max_inspection_depth <= 5 && floor(var.max_inspection_depth) == var.max_inspection_depth
    error_message = "Use a whole number from 0 to 5 for max_inspection_depth."
  }
}

variable "max_inspections_per_report" {
  description = "How many inspections one report gets at most, a whole number from 1 to 500. Its alerts take turns; the first ones may use three quarters, those that come later three quarters of what is left then. The report lists what is left out and is not complete."
  type        = number
  default     = 200
  nullable    = false

  validation {
    condition     = var.max_inspections_per_report >= 1 && var.max_inspections_per_report <= 500 && floor(var.max_inspections_per_report) == var.max_inspections_per_report
    error_message = "Use a whole number from 1 to 500 for max_inspections_per_report."
  }
}

variable "max_new_reports_per_hour" {
  description = "Most reports that open in an hour, by the alerts' arrival on the stream: an object of `per_detector`, for each detector, and `per_installation`, for all of them together, since an alert names its detector itself. Whole numbers from 1 to 1,000,000. The alerts of further incidents go into one overflow report of the detector and hour, or of the installation and hour, which counts them and lists the first. Null, for the whole or for either: no limit."
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
    error_message = "Use whole numbers from 1 to 1000000, or null, for per_detector and per_installation of max_new_reports_per_hour."
  }
}

variable "monitoring" {
  description = <<-EOT
    Alarms, their thresholds, and the dashboard. An alarm is raised when a metric reaches its threshold within five minutes; counts are whole numbers from 1 to 1,000,000.
    - `enabled`: Set to false to create neither alarms nor the dashboard.
    - `dashboard`: Set to false to create no dashboard.
    - `deliveries_failed`: Number of failed deliveries.
    - `function_errors`: Number of failed calls of one function, in each five minutes of a quarter of an hour.
    - `function_throttles`: Number of throttled calls of one function, in each five minutes of a quarter of an hour.
    - `inspections_failed`: Number of failed lookups, in each five minutes of half an hour.
    - `inspections_throttled`: Number of throttled lookups, in each five minutes of half an hour.
    - `iterator_age_seconds`: Time in seconds that alerts wait on the stream, from 60 to 21,600.
    - `rejected_alerts`: Number of rejected records.
    - `reviews_failed`: Number of failed reviews.
    - `stream_throttles`: Number of records that the stream refused.
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
    error_message = "A count in monitoring is out of range. Use whole numbers from 1 to 1000000."
  }

  validation {
    condition     = var.monitoring.iterator_age_seconds >= 60 && var.monitoring.iterator_age_seconds <= 21600 && floor(var.monitoring.iterator_age_seconds) == var.monitoring.iterator_age_seconds
    error_message = "monitoring.iterator_age_seconds is out of range. Use a whole number from 60 to 21600: after six hours the stream gives up on alerts."
  }
}

variable "name" {
  description = "Name of the installation, from which all other names are derived; unique in the account and region, 3 to 36 lower-case letters, digits and single hyphens, beginning with a letter. Another name later means another, empty installation."
  type        = string
  default     = "alert-responder"
  nullable    = false

  # The longest names derived from it: the bucket's prefix (37, with a hyphen at
  # the end) and the coordinator's role (64, with "-coordinator-" and a region of
  # at most 15). The shortest AWS takes is a table's (3).
  validation {
    condition     = length(var.name) >= 3 && length(var.name) <= 36
    error_message = "Use 3 to 36 characters for name."
  }

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name))
    error_message = "Use lower-case letters, digits and single hyphens for name, beginning with a letter and not ending with a hyphen."
  }

  validation {
    condition     = !startswith(var.name, "sthree-") && !startswith(var.name, "amzn-s3-demo-")
    error_message = "Use a name that does not begin with sthree- or amzn-s3-demo-, which S3 keeps for itself."
  }
}

variable "parallelization_factor" {
  description = "How many batches of one shard are in work at the same time, a whole number from 1 to 10."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.parallelization_factor >= 1 && var.parallelization_factor <= 10 && floor(var.parallelization_factor) == var.parallelization_factor
    error_message = "Use a whole number from 1 to 10 for parallelization_factor."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the IAM policy that bounds all roles of this installation. Null: no boundary."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "Use the ARN of an IAM policy for permissions_boundary_arn, such as arn:aws:iam::123456789012:policy/boundary."
  }
}

variable "report_link_type" {
  description = "Which address of a report's page emitters are given: console (the object in the S3 console, which asks whoever opens it to log in), presigned (one that opens the page to whoever has it, for an hour at most and not beyond the session of the function that signed it), or none. A presigned address is a secret that emitters pass on: choose it only where every place they tell may read every report."
  type        = string
  default     = "console"
  nullable    = false

  validation {
    condition     = contains(["console", "none", "presigned"], var.report_link_type)
    error_message = "Use console, none or presigned for report_link_type."
  }
}

variable "report_retention_days" {
  description = "How long reports are kept in table and archive, in whole days from 2 to 3,650; longer than aggregation window and stream retention together by at least a day, so that a late or repeated alert still finds its report."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.report_retention_days >= 2 && var.report_retention_days <= 3650 && floor(var.report_retention_days) == var.report_retention_days
    error_message = "Use a whole number of days from 2 to 3650 for report_retention_days."
  }

  validation {
    condition     = var.report_retention_days * 86400 >= var.aggregation_window_seconds + var.stream_retention_hours * 3600 + 86400
    error_message = "Use a report_retention_days of at least ${ceil((var.aggregation_window_seconds + var.stream_retention_hours * 3600 + 86400) / 86400)}: aggregation_window_seconds and stream_retention_hours together and one more day."
  }
}

variable "runner_reserved_concurrency" {
  description = "How many calls of the runner run at the same time at most, a whole number from 1; taken out of the account's concurrency. At least inspection_concurrency, or one report's chunks wait for each other. Null: no limit but the account's."
  type        = number
  default     = null

  validation {
    condition     = var.runner_reserved_concurrency == null ? true : var.runner_reserved_concurrency >= 1 && floor(var.runner_reserved_concurrency) == var.runner_reserved_concurrency
    error_message = "Use a whole number from 1, or null, for runner_reserved_concurrency."
  }
}

variable "stream_mode" {
  description = "How the stream grows: PROVISIONED (by stream_shard_count) or ON_DEMAND (by itself, at a higher price while idle). AWS takes two changes a day."
  type        = string
  default     = "PROVISIONED"
  nullable    = false

  validation {
    condition     = contains(["ON_DEMAND", "PROVISIONED"], var.stream_mode)
    error_message = "Use PROVISIONED or ON_DEMAND for stream_mode."
  }
}

variable "stream_retention_hours" {
  description = "How long the stream keeps alerts, in whole hours from 24 to 8,760. More than 24 costs more, and lets alerts be read again after a longer outage."
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.stream_retention_hours >= 24 && var.stream_retention_hours <= 8760 && floor(var.stream_retention_hours) == var.stream_retention_hours
    error_message = "Use a whole number of hours from 24 to 8760 for stream_retention_hours."
  }
}

variable "stream_shard_count" {
  description = "How many shards the stream has, a whole number from 1 to 200; each takes 1,000 records or 1 MB a second. Ignored if stream_mode is ON_DEMAND."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.stream_shard_count >= 1 && var.stream_shard_count <= 200 && floor(var.stream_shard_count) == var.stream_shard_count
    error_message = "Use a whole number from 1 to 200 for stream_shard_count."
  }
}

variable "tags" {
  description = "Tags of everything this module makes that takes tags."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "update_interval_seconds" {
  description = "How long a report that has been reviewed once gathers further alerts before its next round, in whole seconds from 0 (at once) to 86,400 (a day)."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.update_interval_seconds >= 0 && var.update_interval_seconds <= 86400 && floor(var.update_interval_seconds) == var.update_interval_seconds
    error_message = "Use a whole number of seconds from 0 to 86400 for update_interval_seconds."
  }
}
