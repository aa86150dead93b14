"""What the kinds that answer questions about workers share: whom, as of when, which sections, how they are written."""
