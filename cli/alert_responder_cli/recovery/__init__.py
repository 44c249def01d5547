"""What failed or was rejected: list it, replay it, redrive it."""
