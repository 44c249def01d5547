# An installation with one inspector. If you already have an installation, copy the
# module "lookalikes".

provider "aws" {}

module "alert_responder" {
  source = "github.com/alert-responder/terraform-aws-alert-responder"
  name   = "secops"
}

module "lookalikes" {
  source          = "github.com/alert-responder/terraform-aws-alert-responder//modules/plugin-function"
  alert_responder = module.alert_responder.interface
  kind            = "inspector"
  name            = "lookalikes"
  description     = "Finds domains that resemble your own."

  package_file = "${path.module}/plug_in.zip"
  runtime      = "nodejs22.x"
  handler      = "index.handler"
  settings     = { DOMAINS = "example.com,example.org" }
  attachment   = { attribute_types = ["domain", "email", "url"] }
}
