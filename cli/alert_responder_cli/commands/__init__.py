"""The commands: they read what was asked, call what does it, and show what came out."""
