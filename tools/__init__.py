"""Tools that build, check and run AlertResponder on a developer's machine. They are not deployed."""
