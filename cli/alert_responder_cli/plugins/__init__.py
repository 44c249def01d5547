"""The attached plug-ins: their registry and their health."""
