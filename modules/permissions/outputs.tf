output "changing" {
  description = "Statements that contain a target, by kind of target."
  value       = local.changing
}

output "denying" {
  description = "Statement of the policy that is attached to contained users and roles."
  value       = local.denying
}

output "looking" {
  description = "Statements that look at a target, by kind of target."
  value       = local.looking
}

output "querying" {
  description = "Statements that query log groups with CloudWatch Logs Insights."
  value       = local.querying
}

output "reading" {
  description = "Statements that read about hosts and identities, by account id."
  value       = local.reading
}

output "reading_members" {
  description = "Statements that assume the role member_role_name in all accounts of the organisation, and read their directory."
  value       = concat(local.using_members, local.reading_directory)
}

output "undoing" {
  description = "Statements that release a target, by kind of target, where those in changing are not enough."
  value       = local.undoing
}
