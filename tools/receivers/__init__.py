"""Imitations of the services that ready-made plug-ins talk to, as their public documentation describes them.

One module a service; tests and the demo run them on a free port of this machine.
"""
