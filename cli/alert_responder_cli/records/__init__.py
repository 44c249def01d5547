"""Records of the stream: preview and send them, and check whether reports contain them."""
