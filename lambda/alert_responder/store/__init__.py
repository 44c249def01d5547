"""What the table holds and how it is changed: keys, items, conditions and the port to DynamoDB."""
