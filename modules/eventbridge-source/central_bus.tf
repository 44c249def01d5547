# The bus to which the forwarders of member accounts send their findings.

locals {
  central_bus_names = [for bus in [var.central_bus] : bus.name if bus != null]

  # Composed, so that the policy is known before the bus exists.
  central_bus_arn = join("", [
    for name in local.central_bus_names :
    "arn:${var.alert_responder.partition}:events:${var.alert_responder.region}:${var.alert_responder.account_id}:event-bus/${name}"
  ])
}

resource "aws_cloudwatch_event_bus" "central" {
  count = length(local.central_bus_names)

  name = local.central_bus_names[count.index]
  tags = var.alert_responder.tags
}

resource "aws_cloudwatch_event_bus_policy" "central" {
  count = length(local.central_bus_names)

  event_bus_name = aws_cloudwatch_event_bus.central[count.index].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "FindingsOfTheOrganisation"
      Effect    = "Allow"
      Action    = "events:PutEvents"
      Principal = "*"
      Resource  = local.central_bus_arn
      Condition = {
        StringEquals = {
          "aws:PrincipalOrgID" = var.central_bus.organization_id
          "events:detail-type" = module.finding_events.detail_types
          "events:source"      = module.finding_events.sources
        }
      }
    }]
  })
}
