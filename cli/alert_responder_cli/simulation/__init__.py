"""The whole pipeline in one process: the real use cases on the stand-ins of `aws.in_memory`, with a simulated clock.

The unit tests of the core use the same stand-ins and the same state machine (`execution`), and add faults.
"""
