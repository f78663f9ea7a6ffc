"""Seals: the signed payload, the keys that sign it, and the symbol that carries it."""
