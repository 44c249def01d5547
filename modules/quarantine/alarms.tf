# The alarms that somebody must act on. An alarm without actions still shows its state.

locals {
  plugin_dimensions = {
    installation = var.alert_responder.name
    plugin       = var.name
  }

  # The schedule counts every five minutes. A period of ten always contains a count, so
  # that an alarm lasts as long as its cause.
  alarms = {
    cut-off = {
      description = "A limit prevented the containment of targets. See the report's deliveries and alert-responder quarantine list, contain the targets by hand where needed, and find the source of so many targets."
      namespace   = "AlertResponder"
      metric      = "QuarantineCutOff"
      dimensions  = local.plugin_dimensions
    }
    errors = {
      description = "The function that accepts commands failed. Until its schedule works again, no target is released by time, and undone containments are not detected. Find the lines with level ERROR in its log."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = { FunctionName = local.command_function_name }
    }
    failed = {
      description = "A target could not be contained or released completely. List it with its reason by alert-responder quarantine list, and release it."
      namespace   = "AlertResponder"
      metric      = "QuarantineFailed"
      dimensions  = local.plugin_dimensions
    }
    undone = {
      description = "Somebody else has undone a containment. Find the target with alert-responder quarantine list, and release it if that was intended; with reapply = true it is contained again."
      namespace   = "AlertResponder"
      metric      = "QuarantineUndone"
      dimensions  = local.plugin_dimensions
    }
    unseen = {
      description = "For half an hour the quarantine could not check all contained targets. Release targets that no longer need containment, and look for throttling in its log."
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
