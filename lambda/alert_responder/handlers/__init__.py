"""Entry points of the Lambda functions: they parse the event, call one use case, log and measure its result."""
