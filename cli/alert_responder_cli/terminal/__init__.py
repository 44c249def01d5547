"""Output of commands: tables, sentences, JSON, and the end of the process."""
