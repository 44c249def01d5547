"""Access to AWS and installations, and in-memory stand-ins for AWS (`in_memory`)."""
