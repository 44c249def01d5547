# AlertResponder for a team on call: findings of GuardDuty, three inspectors, a policy,
# a message in Slack for each report, a page for urgent ones, and alarms by mail.

module "alert_responder" {
  source        = "github.com/alert-responder/terraform-aws-alert-responder"
  name          = "secops"
  alarm_actions = [aws_sns_topic.alarms.arn]
}
module "findings" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/eventbridge-source"
  alert_responder = module.alert_responder.interface
  alarm_actions   = [aws_sns_topic.alarms.arn]
}
module "aws_context" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/aws-context"
  alert_responder = module.alert_responder.interface
}
module "history" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/history"
  alert_responder = module.alert_responder.interface
}
module "virustotal" {
  source             = "github.com/alert-responder/terraform-aws-alert-responder//modules/virustotal"
  alert_responder    = module.alert_responder.interface
  api_key_secret_arn = aws_secretsmanager_secret.keys["virustotal"].arn
}
module "policy" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/policy"
  alert_responder = module.alert_responder.interface
  policy          = yamldecode(file("${path.module}/policy.yaml"))
  alarm_actions   = [aws_sns_topic.alarms.arn]
}
module "slack" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/slack"
  alert_responder = module.alert_responder.interface
  channel_id      = "C0123456789"
  secret_arn      = aws_secretsmanager_secret.keys["slack"].arn
}
module "pagerduty" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/pagerduty"
  alert_responder = module.alert_responder.interface
  secret_arn      = aws_secretsmanager_secret.keys["pagerduty"].arn
}
resource "aws_secretsmanager_secret" "keys" {
  for_each = toset(["pagerduty", "slack", "virustotal"])
  name     = "secops/${each.key}"
}
resource "aws_sns_topic" "alarms" {
  name = "secops-alarms"
}
resource "aws_sns_topic_subscription" "alarms" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = "you@example.com"
}
