"""Make hostile text fit to be shown; the command line has the same need, and its way is used here."""

from alert_responder_cli.plain import plain

__all__ = ["plain"]
