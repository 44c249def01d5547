"""The pipeline in one process: its own use cases over memory, with AWS's rules and limits, and a clock that jumps.

The tests of the core run on the same table, archive and state machine, and strike at them.
"""
