variable "alarm_actions" {
  description = "ARNs that are notified when findings could not be put on the stream. At most 5. Empty: the alarm only shows its state."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.alarm_actions) <= 5 && alltrue([for action in var.alarm_actions : can(regex("^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+$", action))])
    error_message = "alarm_actions must contain at most 5 full ARNs."
  }
}

variable "alert_responder" {
  description = "Interface of the AlertResponder installation: the output interface of the root module, as a whole."
  type = object({
    account_id               = string
    alert_stream_arn         = string
    kms_key_arn              = string
    name                     = string
    partition                = string
    permissions_boundary_arn = string
    region                   = string
    tags                     = map(string)
    verified_stream_arn      = optional(string)
  })
  nullable = false
}

variable "all_updates" {
  description = "Whether every event of sources is put on the stream. If false, only findings that are open and new: in Security Hub with the record state ACTIVE, the workflow status NEW and a compliance status other than PASSED (OCSF: status New, compliance other than Pass, activity other than Close), in Inspector and Access Analyzer with the status ACTIVE. Custom actions of Security Hub are always put there. Set all_updates of modules/forwarder to the same."
  type        = bool
  default     = false
  nullable    = false
}

variable "central_bus" {
  description = <<-EOT
    Event bus to create for the findings of member accounts, which modules/forwarder sends. It accepts events of sources only, whichever account of the organisation sends them; only the rules of sources are attached to it. Null: no such bus.
    - `name`: Name of the bus. 1 to 128 letters, digits, dots, hyphens and underscores, other than default.
    - `organization_id`: Id of the organisation in AWS Organizations, such as o-a1b2c3d4e5.
  EOT
  type = object({
    name            = string
    organization_id = string
  })
  default = null

  validation {
    condition     = var.central_bus == null ? true : can(regex("^[.A-Za-z0-9_-]{1,128}$", var.central_bus.name)) && var.central_bus.name != "default" && !contains(var.event_bus_names, var.central_bus.name)
    error_message = "central_bus.name must have 1 to 128 letters, digits, dots, hyphens and underscores, must not be default, and must not be in event_bus_names."
  }

  validation {
    condition     = var.central_bus == null ? true : can(regex("^o-[a-z0-9]{10,32}$", var.central_bus.organization_id))
    error_message = "central_bus.organization_id must be o- and 10 to 32 lower-case letters and digits, such as o-a1b2c3d4e5."
  }

  validation {
    condition     = var.central_bus == null || length(var.sources) > 0
    error_message = "central_bus requires sources: it accepts the findings of no other services."
  }
}

variable "event_bus_names" {
  description = "Event buses that the rules are attached to. At most 5. `default` receives the findings of the account's own services; name other buses if other accounts send their findings there."
  type        = set(string)
  default     = ["default"]
  nullable    = false

  validation {
    condition     = length(var.event_bus_names) >= 1 && length(var.event_bus_names) <= 5 && alltrue([for bus in var.event_bus_names : can(regex("^[/.A-Za-z0-9_-]{1,256}$", bus))])
    error_message = "event_bus_names must contain 1 to 5 names of 1 to 256 letters, digits, dots, hyphens, underscores and slashes."
  }
}

variable "event_patterns" {
  description = <<-EOT
    Further events to put on the stream, by a name of 1 to 15 lower-case letters, digits and single hyphens. They must be in a format that AlertResponder reads.
    - `pattern`: Event pattern, as JSON.
    - `partition_key_path` (optional): Path of the finding's id in the event, such as $.detail.id, for the partition key. Null: the id of each event.
    Empty: only sources.
  EOT
  type = map(object({
    pattern            = string
    partition_key_path = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key, event in var.event_patterns : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", key)) && length(key) <= 15])
    error_message = "Names in event_patterns must have 1 to 15 lower-case letters, digits and single hyphens."
  }

  validation {
    condition     = alltrue([for event in var.event_patterns : can(keys(jsondecode(event.pattern))) && length(event.pattern) <= 4096])
    error_message = "event_patterns[].pattern must be a JSON object of at most 4096 characters, such as jsonencode({ source = [\"aws.health\"] })."
  }

  validation {
    condition     = alltrue([for event in var.event_patterns : event.partition_key_path == null ? true : can(regex("^[$][.].{1,254}$", event.partition_key_path))])
    error_message = "event_patterns[].partition_key_path must be null or a path that begins with $. and has at most 256 characters."
  }

  validation {
    condition     = length(setintersection(keys(var.event_patterns), ["access-analyzer", "guardduty", "inspector", "macie", "securityhub", "securityhub-v2", "unused-access"])) == 0
    error_message = "Names in event_patterns must differ from those of sources and from unused-access."
  }
}

variable "name" {
  description = "Name of the source, unique within the installation. 1 to 11 lower-case letters, digits and single hyphens. The names of rules, role and queue begin with it."
  type        = string
  default     = "findings"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 11
    error_message = "name must have 1 to 11 lower-case letters, digits and single hyphens."
  }
}

variable "sources" {
  description = "Services whose findings are put on the stream: access-analyzer (external, internal and unused access), guardduty, inspector, macie, securityhub (ASFF findings and custom actions), securityhub-v2 (OCSF findings). A finding that arrives both from its service and from Security Hub becomes one report, but is read and stored twice: one of the two is enough."
  type        = set(string)
  default     = ["guardduty"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.sources, ["access-analyzer", "guardduty", "inspector", "macie", "securityhub", "securityhub-v2"])) == 0
    error_message = "sources must contain only access-analyzer, guardduty, inspector, macie, securityhub and securityhub-v2."
  }
}
