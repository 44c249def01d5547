"""Failures and rejected records: find, replay and redrive them."""
