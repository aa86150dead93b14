"""One package per kind of message, found by scanning."""
