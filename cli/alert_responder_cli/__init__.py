"""The command line `alert-responder`: thin commands over the package `alert_responder`."""
