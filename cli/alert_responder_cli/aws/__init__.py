"""AWS as the caller may use it: sessions, installations, pages of queries."""
