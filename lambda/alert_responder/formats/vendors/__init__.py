"""Mappings of vendors' events, written from their public documentation.

Each module has `MAPPINGS`, a list of `contracts.mapping.FormatMapping` as plain values; `name` is the module's unless
it is given. To add one, add a module here and a sample below `tests/events/vendors/`.
"""
