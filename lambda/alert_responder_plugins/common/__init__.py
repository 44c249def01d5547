"""What several plug-ins need: secrets, what was done already, waiting for receivers, shortening, and settings."""
