"""Another reviewer on stored reports: what it would have said, beside what was said."""
