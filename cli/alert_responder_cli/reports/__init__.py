"""Read reports: lists, the history and status of one report, its page."""
