"""A complete local stand: authority, keys, participants, a synthetic register, node and worker as real processes."""
