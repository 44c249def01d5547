variable "aggregation_window_seconds" {
  description = "As in the root module: time in seconds during which a report takes in further alerts."
  type        = number
  default     = 10800
  nullable    = false
}

variable "approver_arn_patterns" {
  description = "As in modules/quarantine: ARN patterns of the principals that may approve the deactivation of access keys. Empty: the quarantine is not attached."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "batch_size" {
  description = "As in the root module: maximum number of records in one call of the receptor."
  type        = number
  default     = 500
  nullable    = false
}

variable "context_inspectors" {
  description = "Whether the ready-made inspectors history and aws-context are attached."
  type        = bool
  default     = false
  nullable    = false
}

variable "coordinator_concurrency" {
  description = "As in the root module: maximum number of simultaneous calls of the coordinator. Null: no limit; a burst of alerts then starts a process for each of them."
  type        = number
  default     = 6
}

variable "endpoint" {
  description = "Address of the emulated AWS, such as http://127.0.0.1:4566."
  type        = string
  nullable    = false
}

variable "inspection_delay_seconds" {
  description = "As in the root module: time in seconds that a new report gathers alerts. Short, for people who watch."
  type        = number
  default     = 2
  nullable    = false
}

variable "inspection_timeout_seconds" {
  description = "As in the root module: maximum time in seconds for one lookup. It is the root module's default, since a burst of alerts slows the machine down."
  type        = number
  default     = 60
  nullable    = false
}

variable "max_inspections_per_report" {
  description = "As in the root module: maximum number of lookups of one report."
  type        = number
  default     = 200
  nullable    = false
}

variable "max_new_reports_per_hour" {
  description = "As in the root module: maximum number of reports that open in an hour. Null: no limit, because tests and benchmarks send more."
  type = object({
    per_detector     = number
    per_installation = number
  })
  default = null
}

variable "name" {
  description = "Name of the installation, at most 26 characters."
  type        = string
  default     = "local"
  nullable    = false

  # The bucket's prefix may have 37 characters.
  validation {
    condition     = length(var.name) <= 26
    error_message = "name must have at most 26 characters."
  }
}

variable "packages_folder" {
  description = "Folder with one zip for each plug-in, as `make up` builds them from functions/."
  type        = string
  default     = "../../build/plugins"
  nullable    = false
}

variable "runner_concurrency" {
  description = "As in the root module: maximum number of simultaneous calls of the runner. It is higher than the coordinator's, so that planned lookups are made before the round's deadline. Null: no limit."
  type        = number
  default     = 16
}

variable "services" {
  description = <<-EOT
    Ready-made plug-ins that call a service, by name: github, pagerduty, slack, virustotal.
    - `secret_arn`: ARN of the secret.
    - `url`: URL of the service.
    Empty: none.
  EOT
  type = map(object({
    secret_arn = string
    url        = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.services), ["github", "pagerduty", "slack", "virustotal"])) == 0
    error_message = "Names in services must be github, pagerduty, slack or virustotal."
  }
}

variable "stream_shard_count" {
  description = "As in the root module: number of shards of the stream."
  type        = number
  default     = 1
  nullable    = false
}

variable "update_interval_seconds" {
  description = "As in the root module: time in seconds that a reviewed report gathers alerts."
  type        = number
  default     = 5
  nullable    = false
}
