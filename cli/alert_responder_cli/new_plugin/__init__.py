"""Start a custom plug-in: function, Terraform block, a recorded case and its test."""
