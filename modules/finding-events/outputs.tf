output "detail_types" {
  description = "Types of the events, sorted."
  value       = sort(distinct(flatten([for key in local.chosen : local.known[key].detail_types])))
}

output "events" {
  description = "Event pattern as JSON, and path of the finding's id or null, by the name of a rule. Access Analyzer has two."
  value = {
    for key in local.chosen : key => {
      pattern = jsonencode(merge(
        { source = [local.known[key].source], detail-type = local.known[key].detail_types },
        { for field, values in local.known[key].open : field => values if !var.all_updates },
      ))
      partition_path = local.known[key].partition_path
    }
  }
}

output "sources" {
  description = "Sources of the events, such as aws.guardduty, sorted."
  value       = sort(distinct([for key in local.chosen : local.known[key].source]))
}
