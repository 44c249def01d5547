"""The inspector `aws-context`: describes hosts, users, roles and access keys in your AWS accounts."""
