"""The inspector `history`: earlier reports with the same attribute."""
