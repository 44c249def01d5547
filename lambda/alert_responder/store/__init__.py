"""The table: keys, items, write conditions, and the port to DynamoDB."""
