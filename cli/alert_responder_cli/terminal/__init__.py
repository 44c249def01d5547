"""What people see: tables, sentences, JSON, and how the process ends."""
