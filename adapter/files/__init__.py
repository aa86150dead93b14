"""The file store: files too large for a message, put there by their sender and fetched by the recipient."""
