"""Examine an account and an installation: each check states in one sentence what it found, and what to do."""
