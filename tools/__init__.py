"""What builds, checks and runs AlertResponder on a developer's machine. Nothing here is deployed."""
