"""Ready-made plug-ins, one package each; `modules/<plug-in>` makes the function and attaches it.

They are made with the kit (`alert_responder.plugin`) and attach as anybody's would. What they share is in `common`.
"""
