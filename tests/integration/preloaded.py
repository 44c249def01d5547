"""Loads, when it is imported, what the processes of `round_steps` need: they are forked from one that imported it."""

from tools.emulated import workers

workers.preload(["boto3"])
