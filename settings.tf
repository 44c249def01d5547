# What the functions read from the table while they run: it would not fit into their
# settings, which share 4 KB.

resource "aws_dynamodb_table_item" "settings" {
  table_name = aws_dynamodb_table.reports.name
  hash_key   = aws_dynamodb_table.reports.hash_key
  range_key  = aws_dynamodb_table.reports.range_key

  # `version` is that of the item's shape. Networks are written without the bits of
  # a host and sets come sorted, so that a plan shows only what has changed.
  item = jsonencode({
    pk                = { S = "config" }
    sk                = { S = "settings" }
    internal_domains  = { L = [for domain in local.internal_domains : { S = domain }] }
    internal_networks = { L = [for network in local.internal_networks : { S = network }] }
    version           = { N = "1" }
  })
}

locals {
  internal_domains  = sort(distinct([for domain in var.internal_domains : lower(domain)]))
  internal_networks = sort(distinct([for network in var.internal_networks : cidrsubnet(network, 0, 0)]))
}
