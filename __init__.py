"""Mezhved: an open exchange node in the style of SMEV 3, with the Federal Register of Medical Workers behind it."""

__version__ = "0.1.0"
