"""The steps, one module for each: they read, decide with `domain`, write, and call plug-ins."""
