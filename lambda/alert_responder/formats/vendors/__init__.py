"""Mappings of vendors' events, written from their public documentation.

Each module has `MAPPINGS`, a list of `contracts.mapping.FormatMapping` as plain values; the default of `name` is the
module's name. To add a vendor, add a module here and a sample event to `tests/events/vendors/`.
"""
