"""The inspector `history`: what this installation has seen of an attribute before."""
