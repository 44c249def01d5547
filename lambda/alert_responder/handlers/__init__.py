"""The three Lambda functions' entry points: parse, call one use case, answer."""
