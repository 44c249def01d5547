"""Attached plug-ins: the registry, and the outcomes of their last calls."""
