# Settings that the functions read from the table at run time, because a function's
# environment holds only 4 KB. `version` is the version of the item's layout.

locals {
  # Host bits are cleared and sets sorted, so that a plan shows only real changes.
  internal_domains  = sort(distinct([for domain in var.internal_domains : lower(domain)]))
  internal_networks = sort(distinct([for network in var.internal_networks : cidrsubnet(network, 0, 0)]))

  # The receptor checks the JMESPath expressions; see docs/formats.md.
  formats_json    = jsonencode([for format in var.custom_formats : { for key, value in format : key => value if value != null }])
  formats_version = length(var.custom_formats) == 0 ? "none" : sha256(local.formats_json)
}

resource "aws_dynamodb_table_item" "settings" {
  table_name = aws_dynamodb_table.reports.name
  hash_key   = aws_dynamodb_table.reports.hash_key
  range_key  = aws_dynamodb_table.reports.range_key

  item = jsonencode({
    pk                = { S = "config" }
    sk                = { S = "settings" }
    internal_domains  = { L = [for domain in local.internal_domains : { S = domain }] }
    internal_networks = { L = [for network in local.internal_networks : { S = network }] }
    version           = { N = "1" }
  })
}

resource "aws_dynamodb_table_item" "formats" {
  count = length(var.custom_formats) == 0 ? 0 : 1

  table_name = aws_dynamodb_table.reports.name
  hash_key   = aws_dynamodb_table.reports.hash_key
  range_key  = aws_dynamodb_table.reports.range_key

  item = jsonencode({
    pk       = { S = "config" }
    sk       = { S = "formats" }
    mappings = { S = local.formats_json }
    version  = { N = "1" }
  })
}
