"""The one place where settings, clients and adapters are put together, once a container; one module a function.

A module here imports what its function uses and no more: what is imported is paid for by every cold start.
"""
