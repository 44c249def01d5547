"""The demonstration: everything on this machine, shown and checked."""
