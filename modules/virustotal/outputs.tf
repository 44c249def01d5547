output "calls_per_lookup" {
  description = "How many calls of VirusTotal's API a lookup takes, by type of attribute, if VirusTotal knows the value and no call has to be repeated."
  value       = { for type in var.attribute_types : type => local.calls[type] }
}

output "function_arn" {
  description = "ARN of the function. Comes when it is attached."
  value       = module.function.function_arn

  depends_on = [module.inspector]
}

output "names" {
  description = "Names of the attached inspectors, sorted: one for addresses, domains and URLs, and one for hashes. Comes when they are attached."
  value       = sort([for inspector in module.inspector : inspector.name])
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = module.function.role_arn
}
