"""Wiring: settings, clients, adapters and use cases, built once for each container; one module for each function.

A module imports only what its function uses, because every import slows down the cold start.
"""
