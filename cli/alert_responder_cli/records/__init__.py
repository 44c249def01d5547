"""Records of the stream: preview them, put them, see whether they were taken in."""
