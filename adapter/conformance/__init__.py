"""Replay of fixtures against any node, and explanation of signatures."""
