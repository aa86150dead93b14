"""Crypto providers behind one interface."""
