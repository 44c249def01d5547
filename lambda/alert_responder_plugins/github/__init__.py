"""The emitter `github`: an issue for each report, on github.com or a GitHub Enterprise server."""
