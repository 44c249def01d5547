# An installation with one inspector. If you already have an installation, copy the
# module "networks".

provider "aws" {}

module "alert_responder" {
  source = "github.com/alert-responder/terraform-aws-alert-responder"
  name   = "secops"
}

module "networks" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/plugin-function"
  alert_responder = module.alert_responder.interface
  kind            = "inspector"
  name            = "networks"
  description     = "Names the network that an address is in."

  package_file = "${path.module}/plug_in.zip"
  runtime      = "python3.12"
  handler      = "networks.handler"
  settings     = { NETWORKS = jsonencode({ "10.1.0.0/16" = "office", "10.2.0.0/16" = "guests" }) }
  attachment   = { attribute_types = ["ipaddr"] }
}
