"""The inspector `aws-context`: what AWS itself knows of an address, an instance, or an identity."""
