# Formats of the operator's own, which the receptor reads from the table: they would
# not fit into its settings, which have 4 KB.

locals {
  formats_json    = jsonencode([for format in var.formats : { for key, value in format : key => value if value != null }])
  formats_version = length(var.formats) == 0 ? "none" : sha256(local.formats_json)

  # Every expression with its place, and with `_` for literal texts and quoted names.
  format_expressions = [for expression in flatten([for format in var.formats : concat(
    [for field in ["match", "each", "detector", "rule_id", "rule_name", "alert_key", "description", "timestamp", "severity"] : { place = "${format.name}.${field}", text = format[field] } if format[field] != null],
    [for index, attribute in format.attributes : { place = "${format.name}.attributes[${index}].value", text = attribute.value }],
  )]) : { place = expression.place, bare = replace(expression.text, "/'([^'\\\\]|\\\\.)*'|\"([^\"\\\\]|\\\\.)*\"|`([^`\\\\]|\\\\.)*`/", "_") }]

  # What of JMESPath's grammar regular expressions can tell. The receptor says the rest, with the format's name.
  loose_format_expressions = [for expression in local.format_expressions : expression.place if can(regex("\\w\\s+\\w|[|&=<>!.,:]\\s*$|^\\s*([|=<>.,)\\]]|&&)|[|&=<>!.,]\\s*[)\\]}]|[|&=<>.,]\\s+[|=<>.,]|[^=!<>]=[^=]", expression.bare))]
  unknown_format_functions = flatten([for expression in local.format_expressions : [for call in regexall("(\\w+)\\s*[(]", expression.bare) : "${expression.place}: ${call[0]}" if !contains(local.format_functions, call[0])]])
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

  lifecycle {
    precondition {
      condition     = length(local.loose_format_expressions) == 0
      error_message = "Write an operator (||, &&, |, ==, !=, <, <=, >, >=, ! or .) between what stands in the JMESPath expressions of formats, and something on both sides of it; a literal text is written in single quotes. See ${join(", ", local.loose_format_expressions)}."
    }

    precondition {
      condition     = length(local.unknown_format_functions) == 0
      error_message = "Call functions that there are in the JMESPath expressions of formats: ${join(", ", local.format_functions)}. See ${join(", ", local.unknown_format_functions)}."
    }
  }
}
