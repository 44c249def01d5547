"""The function of `modules/webhook-source`: puts documents that products post over HTTP on the alert stream.

It is a source, not a plug-in: AlertResponder never calls it. It shares the package, its settings and its secrets' rules
with the ready-made plug-ins.
"""
