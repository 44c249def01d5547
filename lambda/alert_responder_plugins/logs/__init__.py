"""What the inspectors of logs have in common: questions, windows, budgets, running queries, and summaries."""
