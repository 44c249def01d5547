# Custom plug-ins, as in `make up INSPECTOR=whois.py`. They are attached like those of
# the example. By default, an inspector is called for all attributes.

variable "custom_plugins" {
  description = <<-EOT
    Custom plug-ins to attach, by name. The zip of each is in packages_folder. A reviewer replaces the policy.
    - `attribute_types` (optional): Types of the attributes that an inspector inspects. Empty: all.
    - `batch_size` (optional): Maximum number of tasks in one call of an inspector. Default: 1, without batches.
    - `handler`, `runtime`: Handler and runtime of the function.
    - `kind`: inspector, reviewer or emitter.
    Empty: none.
  EOT
  type = map(object({
    attribute_types = optional(set(string), [])
    batch_size      = optional(number, 1)
    handler         = string
    kind            = string
    runtime         = string
  }))
  default  = {}
  nullable = false
}

variable "custom_settings" {
  description = "Environment variables of the functions of custom plug-ins, by the plug-in's name."
  type        = map(map(string))
  default     = {}
  nullable    = false
  sensitive   = true
}

locals {
  custom_functions = {
    for name, plugin in var.custom_plugins : name => {
      description = "Custom ${plugin.kind}."
      handler     = plugin.handler
      runtime     = plugin.runtime
      settings    = {}
      statements  = []
    }
  }
  custom_by_kind = {
    for kind in ["emitter", "inspector", "reviewer"] : kind => {
      for name, plugin in var.custom_plugins : name => plugin if plugin.kind == kind
    }
  }
}

module "custom_reviewer" {
  source   = "../../modules/reviewer"
  for_each = local.custom_by_kind["reviewer"]

  alert_responder = module.alert_responder.interface
  function_arn    = aws_lambda_function.plugins[each.key].arn

  # An installation has one reviewer: the entry of the other one is deleted first.
  depends_on = [module.policy]
}

module "custom_inspectors" {
  source   = "../../modules/inspector"
  for_each = local.custom_by_kind["inspector"]

  alert_responder = module.alert_responder.interface
  name            = each.key
  function_arn    = aws_lambda_function.plugins[each.key].arn
  attribute_types = each.value.attribute_types
  batch_size      = each.value.batch_size
}

module "custom_emitters" {
  source   = "../../modules/emitter"
  for_each = local.custom_by_kind["emitter"]

  alert_responder = module.alert_responder.interface
  name            = each.key
  function_arn    = aws_lambda_function.plugins[each.key].arn
}
