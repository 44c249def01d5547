"""Read reports: lists, one report's history, its page."""
