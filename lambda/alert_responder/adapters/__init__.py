"""One module an AWS service: the only code that holds boto3 clients and translates their errors."""
