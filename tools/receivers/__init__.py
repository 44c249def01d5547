"""Imitations of the services that ready-made plug-ins call, written from their public documentation.

There is one module for each service. Tests and the demo run them on a free port of this machine.
"""
