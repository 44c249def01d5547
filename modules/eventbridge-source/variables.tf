variable "alarm_actions" {
  description = "ARNs of what is told when findings could not be put on the stream, at most 5. Empty: the alarm only shows it."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.alarm_actions) <= 5 && alltrue([for action in var.alarm_actions : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+$", action))])
    error_message = "Use at most 5 full ARNs for alarm_actions."
  }
}

variable "alert_responder" {
  description = "What the module AlertResponder hands over: its output interface, whole."
  type = object({
    account_id               = string
    alert_stream_arn         = string
    kms_key_arn              = string
    name                     = string
    permissions_boundary_arn = string
    region                   = string
    tags                     = map(string)
  })
  nullable = false
}

variable "event_bus_names" {
  description = "Event buses the rules are on: default is the account's own, where its services put their findings; others by name, where other accounts send theirs, at most 5."
  type        = set(string)
  default     = ["default"]
  nullable    = false

  validation {
    condition     = length(var.event_bus_names) >= 1 && length(var.event_bus_names) <= 5 && alltrue([for bus in var.event_bus_names : can(regex("^[/.A-Za-z0-9_-]{1,256}$", bus))])
    error_message = "Use 1 to 5 names of 1 to 256 letters, digits, dots, hyphens, underscores and slashes for event_bus_names."
  }
}

variable "event_patterns" {
  description = "Other events to put on the stream, by a name of 1 to 15 lower-case letters, digits and single hyphens: the event pattern as JSON, and the path of what identifies a finding, which becomes the partition key, such as $.detail.id; null: each event's own id. What arrives has to be in a format AlertResponder reads."
  type = map(object({
    pattern            = string
    partition_key_path = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key, event in var.event_patterns : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", key)) && length(key) <= 15])
    error_message = "Use 1 to 15 lower-case letters, digits and single hyphens for the names in event_patterns."
  }

  validation {
    condition     = alltrue([for event in var.event_patterns : can(keys(jsondecode(event.pattern))) && length(event.pattern) <= 4096])
    error_message = "Use a JSON object of at most 4096 characters for each pattern in event_patterns, such as jsonencode({ source = [\"aws.health\"] })."
  }

  validation {
    condition     = alltrue([for event in var.event_patterns : event.partition_key_path == null ? true : can(regex("^[$][.].{1,254}$", event.partition_key_path))])
    error_message = "Use a path that begins with $. and has at most 256 characters for each partition_key_path in event_patterns, or null."
  }

  validation {
    condition     = length(setintersection(keys(var.event_patterns), ["access-analyzer", "guardduty", "inspector", "macie", "securityhub", "securityhub-v2", "unused-access"])) == 0
    error_message = "Use other names in event_patterns than those of sources and unused-access."
  }
}

variable "name" {
  description = "Name of the source, unique within the installation: 1 to 11 lower-case letters, digits and single hyphens. Names of rules, role and queue begin with it."
  type        = string
  default     = "findings"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 11
    error_message = "Use 1 to 11 lower-case letters, digits and single hyphens for name."
  }
}

variable "sources" {
  description = "Services whose findings are put on the stream: access-analyzer (external, internal and unused access), guardduty, inspector, macie, securityhub (the findings of its first generation and its custom actions), securityhub-v2 (OCSF findings). A finding that comes both from its service and from Security Hub becomes one report, but is read and kept twice: taking one of the two is enough."
  type        = set(string)
  default     = ["guardduty"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.sources, ["access-analyzer", "guardduty", "inspector", "macie", "securityhub", "securityhub-v2"])) == 0
    error_message = "Use access-analyzer, guardduty, inspector, macie, securityhub and securityhub-v2 for sources."
  }
}
