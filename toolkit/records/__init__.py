"""Records of what was issued: their canonical form, and the store that keeps them."""
