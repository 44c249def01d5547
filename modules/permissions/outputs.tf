output "changing" {
  description = "Statements that contain a target, by kind of target."
  value       = local.changing
}

output "looking" {
  description = "Statements that look at a target, by kind of target."
  value       = local.looking
}

output "reading" {
  description = "Statements that read about hosts and identities, by account id."
  value       = local.reading
}

output "undoing" {
  description = "Statements that release a target, by kind of target, where those in changing are not enough."
  value       = local.undoing
}
