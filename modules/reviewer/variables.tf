variable "alert_responder" {
  description = "What the module AlertResponder hands over: its output interface, whole."
  type = object({
    region                = string
    coordinator_role_name = string
    table_name            = string
  })
  nullable = false
}

variable "function_arn" {
  description = "ARN of the reviewer's Lambda function, or of a version or alias of it; in the same region. In another account, that account has to allow the call as well."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:([A-Za-z0-9_-]{1,128}|[$]LATEST))?$", var.function_arn))
    error_message = "Use the ARN of a Lambda function for function_arn, such as arn:aws:lambda:eu-west-1:123456789012:function:lookup, with or without a version or alias; no name and no invoke_arn."
  }

  validation {
    condition     = try(split(":", var.function_arn)[3], "") == var.alert_responder.region
    error_message = "Use a function of ${var.alert_responder.region} for function_arn, the region AlertResponder is in."
  }
}
