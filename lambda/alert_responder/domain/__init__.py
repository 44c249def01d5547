"""Pure rules: values in, values out. No clock, environment, client or randomness."""
