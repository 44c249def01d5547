"""Check, test and explain policies, the files of modules/policy."""
