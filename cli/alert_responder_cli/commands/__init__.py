"""The commands: each parses its options, calls a function of another folder, and prints the result."""
