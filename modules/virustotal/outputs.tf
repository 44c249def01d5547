output "calls_per_lookup" {
  description = "Number of API calls that a lookup takes, by type of attribute, if VirusTotal knows the value and no call is repeated."
  value       = { for type in var.attribute_types : type => local.calls[type] }
}

output "function_arn" {
  description = "ARN of the function. Available once the plug-in is attached."
  value       = module.function.function_arn

  depends_on = [module.inspector]
}

output "inspectors" {
  description = "Attached inspectors by their names in reports, with their filters and quotas of lookups: one for addresses, domains and URLs, one for hashes. Available once the plug-in is attached."
  value = {
    for inspector in local.attached : inspector.name => {
      attribute_types = sort(tolist(inspector.attribute_types))
      contexts        = sort(tolist(inspector.contexts))
      max_per_day     = local.lookups.day
      max_per_minute  = local.lookups.minute
    }
  }

  depends_on = [module.inspector]
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = module.function.role_arn
}
