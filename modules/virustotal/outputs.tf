output "calls_per_lookup" {
  description = "How many calls of VirusTotal's API a lookup takes, by type of attribute, if VirusTotal knows the value and no call has to be repeated."
  value       = { for type in var.attribute_types : type => local.calls[type] }
}

output "function_arn" {
  description = "ARN of the function. Comes when it is attached."
  value       = module.function.function_arn

  depends_on = [module.inspector]
}

output "inspectors" {
  description = "What is attached, by name as reports show it: the filters of addresses, domains and URLs, and those of hashes. Comes when it is attached."
  value = {
    for inspector in local.attached : inspector.name => {
      attribute_types = sort(tolist(inspector.attribute_types))
      contexts        = sort(tolist(inspector.contexts))
    }
  }

  depends_on = [module.inspector]
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = module.function.role_arn
}
