"""Compare another reviewer with the ratings of stored reports."""
