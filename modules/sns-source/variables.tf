variable "alarm_actions" {
  description = "ARNs that are notified when messages could not be put on the stream, wait for it, or are lost. At most 5. Empty: the alarms only show their state."
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
  })
  nullable = false
}

variable "name" {
  description = "Name of the source, unique among the sources of the installation. 1 to 11 lower-case letters, digits and single hyphens. The names of pipe, role and queues begin with it."
  type        = string
  default     = "topics"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 11
    error_message = "name must have 1 to 11 lower-case letters, digits and single hyphens."
  }
}

variable "topic_arns" {
  description = "ARNs of the topics by a name of 1 to 15 lower-case letters, digits and single hyphens. 1 to 20, in the region of the installation; topics of other accounts must allow this account to subscribe. Their messages must be JSON in a format that AlertResponder reads."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.topic_arns) : can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", key)) && length(key) <= 15])
    error_message = "Names in topic_arns must have 1 to 15 lower-case letters, digits and single hyphens."
  }

  validation {
    condition     = length(var.topic_arns) >= 1 && length(var.topic_arns) <= 20 && alltrue([for topic in values(var.topic_arns) : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}([.]fifo)?$", topic))])
    error_message = "topic_arns must contain 1 to 20 ARNs of SNS topics."
  }

  validation {
    condition     = length(setintersection(values(var.topic_arns), var.alarm_actions)) == 0
    error_message = "topic_arns must not contain a topic of alarm_actions: an alarm on failed alerts would become an alert."
  }
}
