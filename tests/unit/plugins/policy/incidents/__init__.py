"""Labelled incidents, on which the starter policy is measured: events of products, and inspectors' answers."""
