variable "aggregation_window_seconds" {
  description = "As in the root module: how long a report takes in further alerts of the same id, in seconds."
  type        = number
  default     = 10800
  nullable    = false
}

variable "approver_arn_patterns" {
  description = "As in modules/quarantine: who may approve that access keys are deactivated. Empty: the quarantine is not attached."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "batch_size" {
  description = "As in the root module: how many records the receptor takes at most in one call."
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
  description = "As in the root module: how many calls of the coordinator run at the same time at most. Null: no limit, and a burst of alerts starts a process for each of them."
  type        = number
  default     = 6
}

variable "endpoint" {
  description = "Address of the emulated AWS, such as http://127.0.0.1:4566."
  type        = string
  nullable    = false
}

variable "inspection_delay_seconds" {
  description = "As in the root module: how long a new report gathers alerts, in seconds. Short, since somebody is watching."
  type        = number
  default     = 2
  nullable    = false
}

variable "inspection_timeout_seconds" {
  description = "As in the root module: how long an inspector may take for one attribute, in seconds. The root module's default, since a burst of alerts slows everything down here."
  type        = number
  default     = 60
  nullable    = false
}

variable "max_inspections_per_report" {
  description = "As in the root module: how many inspections one report may have in all."
  type        = number
  default     = 200
  nullable    = false
}

variable "max_new_reports_per_hour" {
  description = "As in the root module: how many reports may open in an hour. Null: no limit, since tests and benchmarks send more."
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
    error_message = "Use at most 26 characters for name."
  }
}

variable "packages_folder" {
  description = "Folder with one zip for each plug-in, as `make up` builds them from functions/."
  type        = string
  default     = "../../build/plugins"
  nullable    = false
}

variable "runner_concurrency" {
  description = "As in the root module: how many calls of the runner run at the same time at most. More than of the coordinator, so that what is planned is looked up before the round's deadline. Null: no limit."
  type        = number
  default     = 16
}

variable "services" {
  description = "Ready-made plug-ins that talk to a service, by name (github, pagerduty, slack, virustotal): the service's address, the ARN of the secret, and the zip of the layer. Empty: none."
  type = map(object({
    layer      = string
    secret_arn = string
    url        = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.services), ["github", "pagerduty", "slack", "virustotal"])) == 0
    error_message = "Use github, pagerduty, slack and virustotal as the names in services."
  }
}

variable "stream_shard_count" {
  description = "As in the root module: how many shards the stream has."
  type        = number
  default     = 1
  nullable    = false
}

variable "update_interval_seconds" {
  description = "As in the root module: how long a later round gathers alerts, in seconds."
  type        = number
  default     = 5
  nullable    = false
}
