"""The organisation's accounts: what the directory knows, and what their roles answer."""
