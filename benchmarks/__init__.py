"""Measures the project's promises on speed and cost: ``python -m benchmarks [NUMBER ...]``."""
