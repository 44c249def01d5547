"""Lists of reports, newest first; what is read grows with what is shown, not with what is stored."""
