# Formats of the operator's own, which the receptor reads from the table: they would
# not fit into its settings, which have 4 KB.

locals {
  formats_json    = jsonencode([for format in var.formats : { for key, value in format : key => value if value != null }])
  formats_version = length(var.formats) == 0 ? "none" : sha256(local.formats_json)
}

resource "aws_dynamodb_table_item" "formats" {
  count = length(var.formats) == 0 ? 0 : 1

  table_name = aws_dynamodb_table.reports.name
  hash_key   = aws_dynamodb_table.reports.hash_key
  range_key  = aws_dynamodb_table.reports.range_key

  # `version` is that of the item's shape.
  item = jsonencode({
    pk       = { S = "config" }
    sk       = { S = "formats" }
    mappings = { S = local.formats_json }
    version  = { N = "1" }
  })
}
