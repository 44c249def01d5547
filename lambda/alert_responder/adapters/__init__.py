"""One module for each AWS service: the only code that calls boto3 clients and translates their errors."""
