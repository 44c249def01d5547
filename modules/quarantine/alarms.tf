# What somebody has to look at. An alarm without actions still shows its state.

locals {
  plugin_dimensions = {
    installation = var.alert_responder.name
    plugin       = var.name
  }

  # The schedule counts every five minutes. A period of ten always has a count in it, so
  # that an alarm lasts as long as its reason.
  alarms = {
    cut-off = {
      description = "A limit kept targets from being contained. Look at the report's deliveries and at alert-responder quarantine list, contain by hand what has to be, and see who writes so many targets."
      namespace   = "AlertResponder"
      metric      = "QuarantineCutOff"
      dimensions  = local.plugin_dimensions
    }
    errors = {
      description = "The function that takes commands failed. Nothing is released by time, and nobody notices what others undo, until its schedule works again. Find the lines with level ERROR in its log."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = { FunctionName = local.command_function_name }
    }
    failed = {
      description = "Something could not be contained or released to its end. See with alert-responder quarantine list what and why, and release it."
      namespace   = "AlertResponder"
      metric      = "QuarantineFailed"
      dimensions  = local.plugin_dimensions
    }
    undone = {
      description = "Somebody else has undone what was contained. See with alert-responder quarantine list what, and release it if that was meant; with reapply = true it is contained again."
      namespace   = "AlertResponder"
      metric      = "QuarantineUndone"
      dimensions  = local.plugin_dimensions
    }
    unseen = {
      description = "For half an hour the quarantine could not look whether everything that is contained still is. Release what no longer has to be contained, and look for throttling in its log."
      namespace   = "AlertResponder"
      metric      = "QuarantineUnseen"
      dimensions  = local.plugin_dimensions
      periods     = 3
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "alarms" {
  for_each = local.alarms

  alarm_name          = "${var.alert_responder.name}-${var.name}-${each.key}"
  alarm_description   = each.value.description
  comparison_operator = "GreaterThanOrEqualToThreshold"
  dimensions          = each.value.dimensions
  evaluation_periods  = lookup(each.value, "periods", 1)
  metric_name         = each.value.metric
  namespace           = each.value.namespace
  period              = 600
  statistic           = "Maximum"
  threshold           = 1
  tags                = var.alert_responder.tags

  # No calls, no data: nothing is wrong.
  treat_missing_data = "notBreaching"

  alarm_actions = var.alarm_actions
  ok_actions    = var.alarm_actions
}
