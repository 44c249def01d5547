"""Labelled incidents, on which the starter policy is measured: events as products send them, and inspectors' answers."""
