"""A month of logs of an invented company, with six attacks, and what an analyst should learn about them.

Seeded: the same seed gives the same logs. Addresses are those for documentation.
"""
