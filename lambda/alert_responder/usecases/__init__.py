"""One module a verb: receive, plan, inspect, review, emit, close, sweep. They load, decide, save and tell."""
