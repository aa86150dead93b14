"""The subcommands of `mezhved`, one module each."""
