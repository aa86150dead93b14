"""What a message costs: CPU of each primitive by name and count, and of a whole exchange, in one run."""
