# The kit for plug-ins in Python, as a layer: ready-made plug-ins use it, and so may others.

resource "aws_lambda_layer_version" "kit" {
  layer_name          = "${var.name}-kit"
  description         = "The package alert_responder, for plug-ins in Python."
  compatible_runtimes = ["python3.11", "python3.12", "python3.13"]

  filename         = "${path.module}/dist/kit.zip"
  source_code_hash = filebase64sha256("${path.module}/dist/kit.zip")
}
