"""Bytes to protocol and back: limits, parsing, contract validation, faults."""
