"""Ready-made plug-ins, one package each; `modules/<plug-in>` deploys and attaches the function.

They use the same kit (`alert_responder.plugin`) as custom plug-ins. `common` contains the code that several of them
share. Emitters have the modules `handler`, `settings`, `deliver`, `message`, `client`, `errors` and `state`.
"""
