"""The function that keeps the directory of the organisation's accounts: see `modules/organization`."""
