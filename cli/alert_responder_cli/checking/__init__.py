"""The contract test kit: standard requests to a plug-in, and what is wrong with its answers."""
