"""The node's database: engine, message log, participants."""
