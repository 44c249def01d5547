variable "alert_responder" {
  description = "Interface of the AlertResponder installation: the output interface of the root module, as a whole."
  type = object({
    region                = string
    coordinator_role_name = string
    table_name            = string
  })
  nullable = false
}

variable "function_arn" {
  description = "ARN of the reviewer's Lambda function, or of a version or alias of it. It must be in the same region. If it is in another account, that account must allow the call as well."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:([A-Za-z0-9_-]{1,128}|[$]LATEST))?$", var.function_arn))
    error_message = "function_arn must be the ARN of a Lambda function, such as arn:aws:lambda:eu-west-1:123456789012:function:lookup, with or without a version or alias. Names and the attribute invoke_arn are not accepted."
  }

  validation {
    condition     = try(split(":", var.function_arn)[3], "") == var.alert_responder.region
    error_message = "function_arn must be in ${var.alert_responder.region}, the region of AlertResponder."
  }
}
