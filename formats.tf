# Formats of the operator's own, which the receptor reads from the table: they would
# not fit into its settings, which have 4 KB.

locals {
  formats_json    = jsonencode([for format in var.formats : { for key, value in format : key => value if value != null }])
  formats_version = length(var.formats) == 0 ? "none" : sha256(local.formats_json)

  # What the validation of formats looks at: every expression, and the same with `_` for literal texts and quoted names.
  format_expressions = flatten([for format in var.formats : concat(
    [for field in ["match", "each", "detector", "rule_id", "rule_name", "alert_key", "description", "timestamp", "severity"] : format[field] if format[field] != null],
    [for attribute in format.attributes : attribute.value],
  )])
  bare_format_expressions = [for expression in local.format_expressions : replace(expression, "/'([^'\\\\]|\\\\.)*'|\"([^\"\\\\]|\\\\.)*\"|`([^`\\\\]|\\\\.)*`/", "_")]
  format_functions = [
    "abs", "avg", "ceil", "contains", "ends_with", "floor", "from_json", "join", "keys", "length", "map", "max", "max_by", "merge", "min",
    "min_by", "not_null", "reverse", "sort", "sort_by", "split", "starts_with", "sum", "to_array", "to_number", "to_string", "type", "values",
  ]
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
