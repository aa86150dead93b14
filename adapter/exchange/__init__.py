"""The exchange protocol as pure data and functions: no I/O, no clock, no SQL."""
